import t from 'tap'
import { hostPortFields } from '../../src/core/host-ports.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { settle } from '../support/cluster.ts'
import { context, inputs, jitsi, objectMap, request } from '../support/fixtures.ts'

const namespace = (level?: string, name = 'school') => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...(level && { labels: { 'pod-security.kubernetes.io/enforce': level } }) },
})

/** The conditions of a Jitsi in such a namespace, with its bridges or while it has none. */
function conditions(spec: object, seen: ReturnType<typeof namespace>, withBridges = false) {
  const from = settle(request({ jitsi: jitsi({ spec }) })).request
  const children = withBridges ? from.children : { ...from.children, 'Pod.v1': {} }
  const asked = { ...from, children, related: objectMap([seen]) }
  const { status } = reconcile(asked, inputs).response
  const all = status.conditions as { type: string; reason: string; message: string }[]
  return Object.fromEntries(all.map(condition => [condition.type, condition]))
}

t.test('a namespace that forbids host ports is named, with both ways out', async t => {
  for (const level of ['baseline', 'restricted']) {
    const { PortsAvailable, Ready } = conditions({}, namespace(level))
    t.match(Ready, { status: 'False', reason: 'PodSecurityForbids' })
    t.match(PortsAvailable, {
      status: 'False',
      reason: 'PodSecurityForbids',
      message: `namespace school enforces Pod Security ${level}`,
    })
    t.match(PortsAvailable?.message, 'spec.jvb.exposure.type')
    t.match(PortsAvailable?.message, 'pod-security.kubernetes.io/enforce=privileged')
  }
})

t.test('nothing is said where host ports are let in, or are not asked for', async t => {
  const nodePort = { jvb: { exposure: { type: 'NodePort' } } }
  for (const [spec, seen] of [
    [{}, namespace()],
    [{}, namespace('privileged')],
    [{}, namespace('restricted', 'another')],
    [nodePort, namespace('restricted')],
  ] as const) {
    t.match(conditions(spec, seen).PortsAvailable, { reason: 'PortsFree' })
  }
})

t.test('bridges that run from before serve on, and so does what is said of them', async t => {
  const { Ready, PortsAvailable } = conditions({}, namespace('restricted'), true)
  t.match(Ready, { status: 'True', reason: 'Available' })
  t.match(PortsAvailable, { reason: 'PodSecurityForbids' })
})

t.test('every part that can ask for ports of the node is named by its field', async t => {
  const fields = (spec: object) => hostPortFields(context({ spec }).spec)
  t.strictSame(fields({}), ['spec.jvb.exposure.type'])
  t.strictSame(
    fields({
      jvb: { exposure: { type: 'None' } },
      coturn: { enabled: true, host: 'turn.example.org', exposure: { type: 'HostNetwork' } },
      jigasi: { enabled: true, hostNetwork: true },
    }),
    ['spec.coturn.exposure.type', 'spec.jigasi.hostNetwork'],
  )
})
