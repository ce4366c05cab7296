import t from 'tap'
import { Fleet, type FleetOptions } from '../../../src/simulation/fleet/fleet.ts'
import { Random } from '../../../src/simulation/fleet/random.ts'

/** A fleet whose bridges are in the rooms and have announced themselves. */
function readyFleet(names: string[], options: FleetOptions = {}) {
  const fleet = new Fleet(options)
  for (const name of names) fleet.addBridge({ name })
  // Between two measures of the stress, which the bridges make every ten seconds.
  fleet.advance(63)
  return fleet
}

const peopleOn = (fleet: Fleet, name: string) => fleet.metricsOf(name)?.local_endpoints

t.test('a bridge', async t => {
  t.test('answers some seconds after its start, and joins the rooms later', async t => {
    const fleet = new Fleet()
    fleet.addBridge({ name: 'a', bootSeconds: 20 })
    t.equal(fleet.metricsOf('a'), undefined)
    fleet.advance(8)
    t.match(fleet.metricsOf('a'), { mucs_joined: 0, local_endpoints: 0, healthy: true })
    fleet.advance(12)
    t.match(fleet.metricsOf('a'), { mucs_joined: 1, startup_time: fleet.timeline.start.getTime() })
  })

  t.test('measures its stress every ten seconds', async t => {
    const fleet = readyFleet(['a'])
    fleet.people.arrive({ room: 'class', participants: 36, minutes: 45, gather: 0 })
    fleet.advance(0.1)
    t.match(fleet.metricsOf('a'), { local_endpoints: 36, conferences: 1, stress: 0 })
    fleet.advance(10)
    t.equal(fleet.metricsOf('a')?.stress, 0.4, '36 people on 4 cores, of which 72 make 0.8')
  })

  t.test('is silent while its HTTP server hangs, but its media goes on', async t => {
    const fleet = readyFleet(['a'])
    fleet.people.arrive({ room: 'class', participants: 5, minutes: 45, gather: 0 })
    fleet.silence('a', 30)
    t.equal(fleet.metricsOf('a'), undefined)
    fleet.advance(30)
    t.equal(peopleOn(fleet, 'a'), 5)
  })

  t.test('counts the people whose media does not reach it', async t => {
    const fleet = new Fleet()
    fleet.addBridge({ name: 'a', iceFailures: 1 })
    fleet.advance(60)
    fleet.people.arrive({ room: 'class', participants: 5, minutes: 45, gather: 0 })
    fleet.advance(1)
    t.match(fleet.metricsOf('a'), { endpoints_total: 5, endpoints_ice_failed_total: 5 })
  })
})

t.test('jicofo', async t => {
  t.test('keeps a meeting on one bridge while that is neither full nor overloaded', async t => {
    const fleet = readyFleet(['a', 'b'])
    const { bridges } = fleet.people.arrive({ room: 'class', participants: 30, minutes: 45 })
    fleet.advance(61)
    t.equal(bridges.size, 1)
  })

  t.test('uses a second bridge for the 81st of a meeting', async t => {
    const fleet = new Fleet({ seed: 1 })
    for (const name of ['a', 'b']) fleet.addBridge({ name, cpus: 16 })
    fleet.advance(60)
    const { bridges } = fleet.people.arrive({ room: 'lecture', participants: 81, minutes: 90 })
    fleet.advance(120)
    t.same([...bridges.values()], [80, 1])
  })

  t.test('spreads meetings that begin together, although no stress is measured yet', async t => {
    const fleet = readyFleet(['a', 'b'])
    for (const room of ['1a', '1b', '1c', '1d']) {
      fleet.people.arrive({ room, participants: 10, minutes: 45, gather: 0 })
      fleet.advance(0.1)
    }
    t.same([peopleOn(fleet, 'a'), peopleOn(fleet, 'b')], [20, 20])
  })

  t.test('learns of a drain with the next presence, and sends newcomers elsewhere', async t => {
    const fleet = readyFleet(['a', 'b'])
    const { bridges } = fleet.people.arrive({ room: 'class', participants: 1, minutes: 45 })
    fleet.advance(1)
    const [first] = bridges.keys()
    fleet.drain(first?.name ?? '')
    fleet.advance(5)
    fleet.people.arrive({ room: 'other', participants: 1, minutes: 45 })
    fleet.advance(1)
    t.same([peopleOn(fleet, 'a'), peopleOn(fleet, 'b')], [1, 1])
  })

  t.test('lets joiners of a running meeting leave a draining bridge, by relays', async t => {
    const fleet = readyFleet(['a', 'b'])
    const { bridges } = fleet.people.arrive({
      room: 'class',
      participants: 10,
      minutes: 45,
      gather: 90,
    })
    fleet.advance(40)
    const [first] = bridges.keys()
    fleet.drain(first?.name ?? '')
    fleet.advance(60)
    t.same([...bridges.values()], [5, 5])
  })

  t.test('without relays sends joiners to the draining bridge of their meeting', async t => {
    const fleet = readyFleet(['a', 'b'], { relays: false })
    const { bridges } = fleet.people.arrive({
      room: 'class',
      participants: 10,
      minutes: 45,
      gather: 90,
    })
    fleet.advance(40)
    const [first] = bridges.keys()
    fleet.drain(first?.name ?? '')
    fleet.advance(60)
    t.same([...bridges.values()], [10])
  })

  t.test('uses draining bridges if there are no others', async t => {
    const fleet = readyFleet(['a'])
    fleet.drain('a')
    fleet.advance(10)
    fleet.people.arrive({ room: 'class', participants: 2, minutes: 45, gather: 0 })
    fleet.advance(1)
    t.equal(peopleOn(fleet, 'a'), 2)
  })

  t.test('refuses people while there is no bridge, and invites them when one comes', async t => {
    const fleet = new Fleet()
    fleet.people.arrive({ room: 'class', participants: 2, minutes: 45, gather: 0 })
    fleet.advance(10)
    fleet.addBridge({ name: 'a' })
    fleet.advance(25)
    t.equal(peopleOn(fleet, 'a'), 2)
    t.match(fleet.tally(), { refused: 2, cut: 0 })
  })

  t.test('says in its statistics what is going on', async t => {
    const fleet = readyFleet(['a', 'b'])
    fleet.people.arrive({ room: 'class', participants: 2, minutes: 45, gather: 0 })
    fleet.advance(1)
    t.match(fleet.jicofos[0]?.stats(fleet.now), {
      conferences: 1,
      participants: 2,
      bridge_selector: { bridge_count: 2, operational_bridge_count: 2 },
    })
  })
})

t.test('people', async t => {
  t.test('are moved when their bridge ends and another can take them', async t => {
    const fleet = readyFleet(['a', 'b'])
    fleet.people.arrive({ room: 'class', participants: 10, minutes: 45, gather: 0 })
    fleet.advance(30)
    const from = peopleOn(fleet, 'a') === 10 ? 'a' : 'b'
    t.match(fleet.removeBridge(from), { cause: 'Terminated', moved: 10, cut: 0 })
    t.equal(fleet.metricsOf(from), undefined)
    t.equal(peopleOn(fleet, from === 'a' ? 'b' : 'a'), 10)
  })

  t.test('are cut when no other bridge is there', async t => {
    const fleet = readyFleet(['a'])
    fleet.people.arrive({ room: 'class', participants: 10, minutes: 45, gather: 0 })
    fleet.advance(30)
    t.match(fleet.removeBridge('a'), { moved: 0, cut: 10 })
  })

  t.test(
    'are cut when their meeting is spread over bridges of one version and both go',
    async t => {
      const fleet = new Fleet({ maxPerBridge: 5 })
      for (const name of ['a', 'b']) fleet.addBridge({ name, version: 'old' })
      fleet.addBridge({ name: 'c', version: 'new', bootSeconds: 300 })
      fleet.advance(60)
      fleet.people.arrive({ room: 'class', participants: 10, minutes: 90, gather: 0 })
      fleet.advance(300)
      fleet.shutdownBridge('b', { now: true })
      fleet.shutdownBridge('a', { now: true })
      t.match(fleet.tally(), { moved: 15, cut: 0 }, 'one after the other they cross at last')
      const twins = new Fleet({ maxPerBridge: 5 })
      for (const name of ['a', 'b']) twins.addBridge({ name, version: 'old' })
      twins.addBridge({ name: 'c', version: 'new', bootSeconds: 300 })
      twins.advance(60)
      twins.people.arrive({ room: 'class', participants: 10, minutes: 90, gather: 0 })
      twins.advance(300)
      for (const bridge of twins.bridges) bridge.shuttingDown = bridge.version === 'old'
      t.match(twins.removeBridge('a'), { moved: 0, cut: 5 }, 'together they cannot')
    },
  )

  t.test('wait a quarter of a minute when their bridge crashes, and are moved', async t => {
    const fleet = readyFleet(['a', 'b'])
    fleet.people.arrive({ room: 'class', participants: 10, minutes: 45, gather: 0 })
    fleet.advance(30)
    const from = peopleOn(fleet, 'a') === 10 ? 'a' : 'b'
    fleet.drain(from)
    fleet.crashBridge(from)
    t.equal(fleet.tally().moved, 0)
    fleet.advance(15)
    t.match(fleet.tally(), { moved: 10, cut: 0 })
    fleet.advance(30)
    const start = fleet.timeline.start.getTime()
    const metrics = fleet.metricsOf(from)
    t.match(metrics, { local_endpoints: 0, drain_mode: false, mucs_joined: 1 })
    t.ok(Number(metrics?.startup_time) > start, 'the restart shows in its start time only')
  })

  t.test('are moved late when their node is lost', async t => {
    const fleet = readyFleet(['a', 'b'])
    fleet.people.arrive({ room: 'class', participants: 10, minutes: 45, gather: 0 })
    fleet.advance(30)
    fleet.loseBridge(peopleOn(fleet, 'a') === 10 ? 'a' : 'b')
    fleet.advance(15)
    t.match(fleet.tally(), { moved: 10, departures: [{ cause: 'NodeLost' }] })
  })

  t.test('come back when signalling restarts, and their meeting counts as torn down', async t => {
    const fleet = readyFleet(['a'])
    fleet.people.arrive({ room: 'class', participants: 10, minutes: 45, gather: 0 })
    fleet.advance(30)
    fleet.restartSignalling()
    t.match(fleet.metricsOf('a'), { mucs_joined: 0, local_endpoints: 0 })
    fleet.advance(60)
    t.match(fleet.metricsOf('a'), { mucs_joined: 1, local_endpoints: 10 })
    t.equal(fleet.tally().meetingsReformed, 1)
  })

  t.test('on an overloaded bridge are counted by the minute', async t => {
    const fleet = new Fleet({ endpointsPerCpu: 1 })
    fleet.addBridge({ name: 'a' })
    fleet.advance(60)
    fleet.people.arrive({ room: 'class', participants: 10, minutes: 6, gather: 0 })
    fleet.advance(3600)
    t.match(fleet.tally(), { participantMinutes: 60, minutesOver08: 60, peak: 10, joins: 10 })
  })
})

t.test('load redistribution', async t => {
  const settings = { stressThreshold: 0.8, endpoints: 20, intervalSeconds: 30, pauseSeconds: 30 }
  const crowded = () => {
    const fleet = readyFleet(['a'])
    fleet.redistribute(settings)
    fleet.people.arrive({ room: 'small', participants: 10, minutes: 45, gather: 0 })
    fleet.people.arrive({ room: 'large', participants: 70, minutes: 45, gather: 0 })
    fleet.advance(60)
    return fleet
  }

  t.test('moves nobody while there is nowhere to go', async t => {
    t.equal(crowded().tally().redistributed, 0)
  })

  t.test('moves people of the largest meeting to a bridge that has room', async t => {
    const fleet = crowded()
    fleet.addBridge({ name: 'b' })
    fleet.advance(120)
    t.match(fleet.tally(), { redistributed: 20, cut: 0 })
    t.equal(peopleOn(fleet, 'a'), 60)
    t.equal(peopleOn(fleet, 'b'), 20)
    t.equal(fleet.bridge('b').conferences.length, 1)
  })
})

t.test('graceful shutdown', async t => {
  t.test('ends with exit code 0, a minute after the last guest', async t => {
    const fleet = readyFleet(['a', 'b'])
    const { bridges } = fleet.people.arrive({
      room: 'class',
      participants: 3,
      minutes: 10,
      gather: 0,
    })
    fleet.advance(1)
    const [bridge] = bridges.keys()
    const name = bridge?.name ?? ''
    fleet.shutdownBridge(name)
    fleet.advance(590)
    t.match(fleet.metricsOf(name), { graceful_shutdown: true, shutting_down: false })
    fleet.advance(20)
    t.match(fleet.metricsOf(name), { shutting_down: true })
    fleet.advance(60)
    t.equal(bridge?.process, 'Exited')
    t.match(fleet.tally(), { moved: 0, cut: 0 })
  })
})

t.test('the same seed plays the same day, another seed another one', async t => {
  const day = (seed: number) => {
    const fleet = new Fleet({ seed })
    const school = new Random(seed)
    for (const name of ['a', 'b', 'c']) fleet.addBridge({ name })
    for (let lesson = 0; lesson < 40; lesson++) {
      fleet.timeline.in(school.between(60, 30_000), () => {
        fleet.people.arrive({
          room: `room-${lesson}`,
          participants: school.whole(2, 30),
          minutes: 45,
        })
      })
    }
    fleet.advance(86_400)
    return JSON.stringify(fleet.tally())
  }
  t.equal(day(1), day(1))
  t.not(day(1), day(2))
})
