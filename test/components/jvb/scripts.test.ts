import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { drainBeforeStop, podInfoPath, waitForPlace } from '../../../src/components/jvb/scripts.ts'
import type { Bridge } from '../../../src/simulation/fleet/bridge.ts'
import { Fleet } from '../../../src/simulation/fleet/fleet.ts'
import { play, serveBridge } from '../../fleet/http-front.ts'

/*
 * The scripts as the containers run them, by bash with curl and jq, against a bridge that answers
 * over HTTP. Only the path of the volume differs, and time is quick: a second for the script is ten
 * milliseconds.
 */

const address = '127.0.0.1'
const secondsForScripts = () => Math.floor(Date.now() / 10)
const quickTime = `
sleep() { command sleep "0.$(printf %02d "$1")"; }
date() { echo "$(($(command date +%s%N) / 10000000))"; }
`

const programs = ['bash', 'curl', 'jq']
const missing = programs.filter(program => spawnSync(program, ['--version']).error)
const skip = missing.length > 0 && `${missing.join(', ')} not installed, which the image has`

/** A volume with these files, in place of the kubelet's. */
const volume = (t: Test, files: Record<string, string> = {}) => t.testdir(files)

/** Runs a script to its end. */
function run(t: Test, script: string, path: string) {
  const child = spawn('bash', ['-c', quickTime + script.replaceAll(podInfoPath, path)])
  t.teardown(() => child.kill())
  let output = ''
  const append = (text: Buffer) => {
    output += text.toString()
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  return new Promise<{ code: number | null; output: string }>(ended =>
    child.on('close', code => ended({ code, output })),
  )
}

/** A bridge with a meeting on it, if asked for, that answers at a real port. */
async function served(t: Test, meeting?: { minutes: number }) {
  const fleet = new Fleet()
  const bridge = fleet.addBridge({ name: 'a' })
  fleet.advance(60)
  if (meeting) fleet.people.arrive({ room: 'class', participants: 3, gather: 1, ...meeting })
  fleet.advance(2)
  const { port, close } = await serveBridge(fleet, 'a', { address, port: 0 })
  t.teardown(close)
  return { fleet, bridge, port }
}

/** Calls back before the bridge carries out each request to drain, with its number. */
function whenAskedToDrain(bridge: Bridge, then: (time: number) => void): void {
  const setDrain = bridge.setDrain.bind(bridge)
  let times = 0
  bridge.setDrain = (on, now) => {
    then(++times)
    setDrain(on, now)
  }
}

t.test('before a bridge stops', { skip, timeout: 60_000 }, async t => {
  t.test('it drains, and goes when nobody is on it', async t => {
    const { fleet, bridge, port } = await served(t, { minutes: 2 })
    t.equal(bridge.participants.size, 3)
    t.teardown(play(fleet, 120))
    t.match(await run(t, drainBeforeStop(600, port), volume(t)), { code: 0, output: '' })
    t.equal(bridge.participants.size, 0, 'not before its meeting has ended')
    t.equal(bridge.drain.latest, true)
  })

  t.test('it looks again before it goes, as jicofo may just have sent somebody', async t => {
    const { fleet, bridge, port } = await served(t)
    let asked = 0
    whenAskedToDrain(bridge, time => {
      asked = time
      if (time !== 2) return
      fleet.people.arrive({ room: 'late', participants: 1, minutes: 1 })
      fleet.advance(0)
    })
    t.teardown(play(fleet, 120))
    t.match(await run(t, drainBeforeStop(600, port), volume(t)), { code: 0, output: '' })
    t.ok(asked > 2)
    t.equal(bridge.participants.size, 0)
  })

  t.test('it goes at once past the deadline of a drain that the plan began', async t => {
    const { bridge, port } = await served(t, { minutes: 60 })
    const files = { 'drain-deadline': String(secondsForScripts() - 1) }
    t.match(await run(t, drainBeforeStop(600, port), volume(t, files)), { code: 0, output: '' })
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
      files: { 'drain-deadline': '9999999999999' },
    },
    {
      name: 'the one written is larger than what a shell can count',
      files: { 'drain-deadline': '99999999999999999999' },
    },
    { name: 'the one written is no number', files: { 'drain-deadline': 'tomorrow' } },
    { name: 'the one written is a date', files: { 'drain-deadline': '2026-11-23T10:00:00Z' } },
    { name: 'the one written is below zero', files: { 'drain-deadline': '-1' } },
  ]
  for (const { name, files } of ends) {
    t.test(`it waits for its own time, and no longer, where ${name}`, async t => {
      const { bridge, port } = await served(t, { minutes: 60 })
      const outcome = await run(t, drainBeforeStop(50, port), volume(t, files))
      t.match(outcome, { code: 0, output: '' })
      t.equal(bridge.drain.latest, true, 'drained meanwhile')
      t.equal(bridge.participants.size, 3)
    })
  }

  t.test('it goes when XMPP is lost: jicofo moved its people long ago', async t => {
    const { bridge, port } = await served(t, { minutes: 60 })
    bridge.joined.clear()
    t.match(await run(t, drainBeforeStop(600, port), volume(t)), { code: 0, output: '' })
    t.equal(bridge.drain.latest, true)
  })

  t.test('it goes when it does not answer any more', async t => {
    const { fleet, port } = await served(t)
    fleet.removeBridge('a')
    t.match(await run(t, drainBeforeStop(600, port), volume(t)), { code: 0, output: '' })
  })
})

t.test('before a bridge starts', { skip }, async t => {
  t.test('the address that is there lets it start', async t => {
    const path = volume(t, { advertise: '203.0.113.1#10000' })
    t.match(await run(t, waitForPlace(['advertise']), path), {
      code: 0,
      output: /203\.0\.113\.1#10000/,
    })
  })
  t.test('an address that comes late is waited for', async t => {
    const path = volume(t, { advertise: '' })
    const ended = run(t, waitForPlace(['advertise']), path)
    writeFileSync(join(path, 'advertise'), '203.0.113.1#10000')
    t.match(await ended, { code: 0 })
  })
  t.test('without one it gives up with a message that says where to look', async t => {
    t.match(await run(t, waitForPlace(['advertise']), volume(t)), {
      code: 1,
      output: /MediaReachable/,
    })
  })
})
