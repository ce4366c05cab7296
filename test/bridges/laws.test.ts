import fc from 'fast-check'
import t from 'tap'
import { calmHistory, type History, live, roughHistory, settle } from './history.ts'
import { bridges, School } from './school.ts'

/** Histories a law; `npm run test:days` lives through many more. */
const numRuns = Number(process.env.DAYS ?? 4)

/** A law that holds for every history, with whatever is seen on the way. */
function law(
  name: string,
  histories: fc.Arbitrary<History>,
  holds: (history: History, staleness: number) => Promise<boolean>,
) {
  t.test(name, { timeout: 0 }, async t => {
    const property = fc.asyncProperty(histories, fc.integer({ min: 0, max: 3 }), holds)
    await t.resolves(fc.assert(property, { numRuns, endOnFailure: true }))
  })
}

const schoolWith = (staleness: number) => new School({ spec: bridges(2), staleness })

law(
  'nobody is cut, and nobody is moved before the deadline',
  calmHistory,
  async (history, stale) => {
    const school = schoolWith(stale)
    await live(school, history, () => {})
    await settle(school)
    const { departures } = school.fleet.tally()
    return departures.every(({ bridge, cut }) => {
      const evacuated = school.decisions.some(
        ({ reason, object }) => reason === 'Evacuated' && object === bridge,
      )
      return cut === 0 && evacuated
    })
  },
)

law('no two bridges hold one port of one node', roughHistory, async (history, stale) => {
  let clash = false
  await live(schoolWith(stale), history, ({ cluster }) => {
    const held = cluster.bridgePods
      .filter(({ spec }) => spec.nodeName)
      .map(
        ({ spec, metadata }) =>
          `${spec.nodeName}:${metadata.annotations?.['apps.jit.si/udp-port']}`,
      )
    clash ||= new Set(held).size < held.length
  })
  return !clash
})

law(
  'whatever happened, the fleet comes to rest with as many bridges as wanted',
  roughHistory,
  async (history, stale) => {
    const school = schoolWith(stale)
    await live(school, history, () => {})
    await settle(school)
    const { writes, errors } = school.cluster.composite
    const before = JSON.stringify([writes, school.cluster.decorator.writes])
    await school.cluster.run(3600)
    const after = JSON.stringify([writes, school.cluster.decorator.writes])
    const { desired, serving, starting, draining } = school.status.fleet ?? {}
    return (
      before === after &&
      errors.length === 0 &&
      serving === desired &&
      starting === 0 &&
      draining === 0
    )
  },
)

law('a rollout never leaves fewer serving than wanted', calmHistory, async (history, stale) => {
  const rollouts = history.filter(
    // A new release restarts prosody as well, once nobody meets, and then no bridge serves.
    ({ event }) => event.kind === 'meet' || event.kind === 'tune',
  )
  const school = schoolWith(stale)
  await school.until(() => school.status.fleet?.serving === 2, 300)
  let enough = true
  await live(school, rollouts, ({ fleet }) => {
    const serving = fleet.bridges.filter(
      ({ process, joined, drain }) => process === 'Running' && joined.size > 0 && !drain.latest,
    )
    enough &&= serving.length >= 2
  })
  return enough
})

law('bridges are taken back only when more are wanted', roughHistory, async (history, stale) => {
  const school = schoolWith(stale)
  await live(school, history, () => {})
  const taken = new Set(
    school.decisions
      .filter(({ reason }) => reason === 'TakenBack')
      .map(({ at }) => Math.floor(at / 60)),
  )
  const causes = history.filter(({ event }) => event.kind !== 'meet').length
  return taken.size <= causes
})
