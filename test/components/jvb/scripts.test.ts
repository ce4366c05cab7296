import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  drainBeforeStop,
  podInfoPath,
  waitForAddress,
} from '../../../src/components/jvb/scripts.ts'
import { Fleet } from '../../fleet/fleet.ts'
import { play, serveBridge } from '../../fleet/http-front.ts'

/*
 * The scripts as the containers run them, by bash with curl and jq, against a bridge that answers
 * over HTTP. Only the path of the volume differs, and sleep is short: a second for the script is
 * ten milliseconds.
 */

const address = '127.0.0.1'
const unixSeconds = () => Math.floor(Date.now() / 1000)

/** A volume with these files, in place of the kubelet's. */
function volume(t: Test, files: Record<string, string> = {}) {
  const path = mkdtempSync(join(tmpdir(), 'pod-info-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

/** Runs a script to its end. */
function run(script: string, path: string): Promise<{ code: number | null; output: string }> {
  const quick = `sleep() { command sleep "$(jq -n "$1 / 100")"; }\n${script}`
  const child = spawn('bash', ['-c', quick.replaceAll(podInfoPath, path)])
  let output = ''
  const append = (text: Buffer) => {
    output += text.toString()
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  return new Promise(ended => child.on('close', code => ended({ code, output })))
}

/** A bridge with a meeting on it, if asked for, that answers at a real port. */
async function served(t: Test, meeting?: { minutes: number }) {
  const fleet = new Fleet()
  const bridge = fleet.addBridge({ name: 'a' })
  fleet.advance(60)
  if (meeting) fleet.arrive({ room: 'class', participants: 3, gather: 1, ...meeting })
  fleet.advance(2)
  const { port, close } = await serveBridge(fleet, 'a', { address, port: 0 })
  t.teardown(close)
  return { fleet, bridge, port }
}

t.test('before a bridge stops', async t => {
  t.test('it drains, and goes when nobody is on it', async t => {
    const { fleet, bridge, port } = await served(t, { minutes: 2 })
    t.equal(bridge.participants.size, 3)
    t.teardown(play(fleet, 120))
    const { code } = await run(drainBeforeStop(600, port), volume(t))
    t.equal(code, 0)
    t.equal(bridge.participants.size, 0, 'not before its meeting has ended')
    t.equal(bridge.drain.latest, true)
  })

  t.test('it looks again before it goes, as jicofo may just have sent somebody', async t => {
    const { fleet, bridge, port } = await served(t)
    const late = bridge.setDrain.bind(bridge)
    let asked = 0
    bridge.setDrain = (on, now) => {
      asked++
      if (asked === 1) {
        fleet.arrive({ room: 'late', participants: 1, minutes: 1 })
        fleet.advance(0)
      }
      late(on, now)
    }
    t.teardown(play(fleet, 120))
    await run(drainBeforeStop(600, port), volume(t))
    t.ok(asked > 1)
    t.equal(bridge.participants.size, 0)
  })

  t.test('one that was drained and seen empty goes at the first look', async t => {
    const { bridge, port } = await served(t)
    let asked = 0
    const setDrain = bridge.setDrain.bind(bridge)
    bridge.setDrain = (on, now) => {
      asked++
      setDrain(on, now)
    }
    const files = { 'drain-deadline': String(unixSeconds() + 600) }
    await run(drainBeforeStop(600, port), volume(t, files))
    t.equal(asked, 1)
  })

  t.test('it goes at once past the deadline of a drain that the plan began', async t => {
    const { bridge, port } = await served(t, { minutes: 60 })
    const files = { 'drain-deadline': String(unixSeconds() - 1) }
    const { code } = await run(drainBeforeStop(600, port), volume(t, files))
    t.equal(code, 0)
    t.equal(bridge.participants.size, 3, 'whom jicofo moves when it leaves its rooms')
    t.equal(bridge.drain.latest, false, 'it was not even asked')
  })

  const ends = [
    { name: 'no deadline is written', files: {} },
    {
      name: 'the volume holds an empty one, for a drain that was taken back',
      files: { 'drain-deadline': '' },
    },
    {
      name: 'the one written is later than its own grace period',
      files: { 'drain-deadline': '99999999999' },
    },
    { name: 'the one written is no number', files: { 'drain-deadline': 'tomorrow' } },
  ]
  for (const { name, files } of ends) {
    t.test(`it waits for its own time, and no longer, where ${name}`, async t => {
      const { bridge, port } = await served(t, { minutes: 60 })
      const { code } = await run(drainBeforeStop(1, port), volume(t, files))
      t.equal(code, 0)
      t.equal(bridge.drain.latest, true, 'drained meanwhile')
      t.equal(bridge.participants.size, 3)
    })
  }

  t.test(
    'it goes when XMPP is lost: nobody could be sent to it, and jicofo moved its people',
    async t => {
      const { bridge, port } = await served(t, { minutes: 60 })
      bridge.joined.clear()
      const { code } = await run(drainBeforeStop(600, port), volume(t))
      t.equal(code, 0)
    },
  )

  t.test('it goes when it does not answer any more', async t => {
    const { port } = await served(t)
    const { code } = await run(drainBeforeStop(600, port === 1 ? 2 : 1), volume(t))
    t.equal(code, 0)
  })
})

t.test('before a bridge starts', async t => {
  t.test('the address that is there lets it start', async t => {
    const path = volume(t, { advertise: '203.0.113.1#10000' })
    t.match(await run(waitForAddress, path), { code: 0, output: /203\.0\.113\.1#10000/ })
  })
  t.test('an address that comes late is waited for', async t => {
    const path = volume(t, { advertise: '' })
    const ended = run(waitForAddress, path)
    writeFileSync(join(path, 'advertise'), '203.0.113.1#10000')
    t.match(await ended, { code: 0 })
  })
  t.test('without one it gives up with a message that says where to look', async t => {
    t.match(await run(waitForAddress, volume(t)), { code: 1, output: /MediaReachable/ })
  })
})
