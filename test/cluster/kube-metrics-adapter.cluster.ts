import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { selfSigned } from '../service/self-signed.ts'
import { autoscaledFleet, untilCondition } from './autoscaled-fleet.ts'
import { Clock } from './clock.ts'
import { startLab } from './jitsi-lab.ts'
import { checkout, installAdapter, mounted, namesOf } from './kube-metrics-adapter.ts'
import { Meetings } from './meetings.ts'
import { startServiceBy } from './service.ts'
import { until } from './until.ts'

/*
 * The real kube-metrics-adapter between the HorizontalPodAutoscaler of a fleet and this service,
 * whose hooks go over TLS.
 *
 * Needs KUBE_METRICS_ADAPTER, a checkout of its repository with the program built in it, and
 * METACONTROLLER_BIN, since the stand-in speaks plain HTTP.
 */

const skip =
  (checkout === '' && 'KUBE_METRICS_ADAPTER names no checkout of kube-metrics-adapter') ||
  (!process.env.METACONTROLLER_BIN && 'METACONTROLLER_BIN names no Metacontroller')

// Waiting is bounded where it happens, with a message.
t.setTimeout(0)

await t.test(
  'a fleet follows its load through the real kube-metrics-adapter',
  { skip },
  async t => {
    const meetings = new Meetings()
    const clock = new Clock()
    const pair = selfSigned('127.0.0.1')
    const service = startServiceBy(clock, plane => ({ tls: () => pair, loadEdges: namesOf(plane) }))
    const lab = await startLab({ roles: meetings.roles, service })
    t.teardown(async () => {
      meetings.stop()
      await lab.stop()
    })
    const adapter = await installAdapter(lab.plane)
    adapter.start()
    const namespace = 'by-adapter'
    const metric = { source: 'kube-metrics-adapter', target: '0.5' }
    const it = await autoscaledFleet({ lab, clock, namespace }, { metric })
    const [autoscaler] = await it.autoscalers()
    if (!autoscaler) throw new Error(`no autoscaler in ${namespace}`)

    await t.test(
      'it does not know our certificate: no metric, and the condition says so',
      async t => {
        await untilCondition(lab, autoscaler, { type: 'ScalingActive', status: 'False' })
        const seen = await untilCondition(lab, it.jitsi, { type: 'Autoscaling', status: 'False' })
        t.equal(seen.reason, 'FailedGetExternalMetric')
        const log = join(lab.plane.folder, 'kube-metrics-adapter.log')
        await until('a refusal in its log', () => /x509: /.test(readFileSync(log, 'utf8')))
      },
    )

    await t.test(
      'SSL_CERT_DIR names the folder of ca.crt: the autoscaler has its metric',
      async t => {
        await adapter.stop()
        const folder = mounted(join(lab.plane.folder, 'jitsi-operator-ca'), 'ca.crt', pair.cert)
        adapter.start({ SSL_CERT_DIR: `/etc/ssl/certs:${folder}` })
        const active = { type: 'ScalingActive', status: 'True' }
        t.match(await untilCondition(lab, autoscaler, active), { reason: 'ValidMetricFound' })
        await untilCondition(lab, it.jitsi, { type: 'Autoscaling', status: 'True' })
      },
    )

    await t.test('meetings make the fleet grow, it shrinks when they are over', async t => {
      // Four times 40 people: a stress of 1.8 in all, so four bridges at a target of 0.5.
      const [, ...over] = meetings.hold(namespace, 4, 40)
      await it.serving(4)
      for (const meeting of over) meetings.in(namespace).people.adjourn(meeting)
      await until('a fall to be examined', async () => 'fallingSince' in (await it.remembered()))
      await it.forward(61)
      await it.serving(2)
      t.strictSame(meetings.losses, [])
    })
  },
)
