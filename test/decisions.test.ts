import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { SyncRequest } from '../src/api/metacontroller.ts'
import { recorderReason } from '../src/components/jibri/pool.ts'
import { bridgeReason } from '../src/components/jvb/verdict.ts'
import type { Plan } from '../src/core/plan.ts'
import { reconcile } from '../src/core/reconcile.ts'
import { anyDay } from './bridges/day.ts'
import { happen } from './bridges/history.ts'
import { School } from './bridges/school.ts'
import { brokenSpec, busy, first, making, requestOf, resting } from './support/arbitraries.ts'
import { jicofoPod, observe, threeNodes } from './support/cluster.ts'
import { isOnPage, type Said, saidBy, sentencesOf } from './support/decision-page.ts'
import { inputs, jitsi, request } from './support/fixtures.ts'
import { goldenCases, goldenNodes } from './support/golden-cases.ts'

/*
 * Whatever is asked, what a plan says stands in docs/decisions.md. Tests of single conditions
 * (core/conditions.test.ts) look there too.
 */

// Whole days run, and hundreds of plans.
t.setTimeout(180_000)

/** All that plans say of which the page does not know, and how many of its rows they gave. */
class Listener {
  readonly rows = new Set<string>()
  readonly unlisted = new Map<string, Said>()

  hear(asked: SyncRequest, plan: Plan): Plan {
    for (const said of saidBy(asked, plan)) {
      if (isOnPage(said)) this.rows.add(said.key)
      else this.unlisted.set(said.key, said)
    }
    return plan
  }

  /** Hears the plan until the cluster has done what it says. */
  follow(first: SyncRequest, nodes = threeNodes) {
    let asked = first
    for (let round = 0; round < 4; round++) {
      const { response } = this.hear(asked, reconcile(asked, inputs))
      asked = observe(asked, response, nodes)
    }
  }

  /** Who hears little is content with any page. */
  judge(t: Test, { least }: { least: number }) {
    t.strictSame([...this.unlisted.values()], [])
    t.ok(this.rows.size >= least, `${this.rows.size} rows of the page`)
  }
}

t.test('what is said of examples until they come to rest', async t => {
  const listener = new Listener()
  for (const { first } of goldenCases()) listener.follow(first, goldenNodes)
  listener.judge(t, { least: 15 })
})

t.test('conditions are made in the one way that the page can read', async t => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  for (const file of files.filter(file => /^(autoscaling|components|core)\/.*\.ts$/.test(file))) {
    t.notMatch(readFileSync(join('src', file), 'utf8'), /status: '(True|False|Unknown)'/, file)
  }
})

t.test('every reason of bridges and recorders is on the page', async t => {
  for (const reason of Object.values(bridgeReason)) t.ok(sentencesOf.has(`Bridges: ${reason}`))
  for (const reason of Object.values(recorderReason)) t.ok(sentencesOf.has(`Recorders: ${reason}`))
})

/** What no example has, and chance seldom brings. */
const rarities: object[] = [
  { suspend: true },
  { existingSecret: 'missing' },
  { timezone: 'Europe/Nowhere' },
  { timezone: 'Europe/Nowhere'.repeat(20_000) },
  { image: { tag: 'stable-9000' } },
  { variables: { JIBRI_XMPP_PASSWORD: 'known to all' } },
  { coturn: { enabled: true, exposure: { type: 'LoadBalancer' } } },
  { coturn: { enabled: true, exposure: { type: 'HostNetwork' }, nodeSelector: { turn: 'true' } } },
  { jvb: { terminationGracePeriodSeconds: 1 } },
  { jvb: { nodeSelector: { media: 'true' }, strategy: { type: 'daemonset' } } },
  { jvb: { strategy: { type: 'autoscaled', minReplicas: 3, maxReplicas: 2 } } },
  ...['cpu', 'custom'].map(source => ({
    jvb: { strategy: { type: 'autoscaled' }, autoscaling: { metric: { source } } },
  })),
  {
    jvb: {
      strategy: { type: 'autoscaled' },
      autoscaling: {
        schedule: [{ name: 'lessons', cron: 'at eight', duration: '1h', minReplicas: 2 }],
      },
    },
  },
]

t.test('what is said of rare specs and of mistakes', async t => {
  const listener = new Listener()
  for (const spec of rarities) {
    listener.follow(
      request({ jitsi: jitsi({ spec }), related: [...threeNodes, jicofoPod('meet')] }),
    )
  }
  listener.follow(request({ jitsi: jitsi({ name: 'meet.school' }) }))
  listener.judge(t, { least: 20 })
})

t.test('what is said of fleets in any state, and when their spec is broken', async t => {
  const listener = new Listener()
  const hear = (asked: SyncRequest) => listener.hear(asked, reconcile(asked, inputs))
  const worlds = fc.tuple(fc.oneof(first, making, resting, busy), brokenSpec)
  for (const [recipe, spec] of fc.sample(worlds, { seed: 8, numRuns: 150 })) {
    const asked = requestOf(recipe)
    hear(asked)
    hear({ ...asked, parent: { ...asked.parent, spec } })
  }
  listener.judge(t, { least: 20 })
})

t.test('what is said on days of meetings and troubles', async t => {
  const listener = new Listener()
  for (const { jvb, staleness, seed, history } of fc.sample(anyDay, { seed: 7, numRuns: 3 })) {
    const school = new School({ spec: { jvb }, staleness, seed })
    school.onPlan.push((asked, plan) => listener.hear(asked, plan))
    for (const { after, event } of history) {
      await school.cluster.run(after)
      happen(school, event)
    }
  }
  listener.judge(t, { least: 20 })
})
