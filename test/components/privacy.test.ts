import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { ConfigMap, Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { find, rendered } from './rendered.ts'

/*
 * Nothing that runs here by default talks to a server outside the installation, and no browser is
 * told to.
 */

const everything = {
  auth: { type: 'internal', users: { name: 'teachers' } },
  meetings: { lastN: 20, resolution: 720 },
  metrics: true,
  ingress: { enabled: true },
}

const containersOf = (object: KubeObject) =>
  object.kind === 'Pod'
    ? (object as Pod).spec.containers
    : ((object as Deployment).spec?.template?.spec?.containers ?? [])

t.test('no setting names a server other than our own', async t => {
  for (const object of rendered(everything)) {
    for (const { env = [] } of containersOf(object)) {
      const foreign = env
        .filter(({ value = '' }) => /:\/\/|\.(com|net|org|io)\b/.test(value))
        .filter(({ value = '' }) => !/meet\.example\.org|svc\.cluster\.local/.test(value))
      t.strictSame(foreign, [], `${object.kind} ${object.metadata.name}`)
    }
  }
})

t.test('bridges ask nobody for their address', async t => {
  const bridge = find(rendered(), 'Pod', 'meet-jvb-0')
  const env = containersOf(bridge)[0]?.env ?? []
  t.match(
    env.find(({ name }) => name === 'JVB_DISABLE_STUN'),
    { value: '1' },
  )
  t.match(
    env.find(({ name }) => name === 'DISABLE_AWS_HARVESTER'),
    { value: 'true' },
  )
})

/** What config.js says at the end, on top of what the image writes. */
function config(spec: object): Record<string, unknown> {
  const { data } = find<ConfigMap>(rendered(spec), 'ConfigMap', 'meet-web')
  const sandbox = { config: { p2p: { enabled: true }, analytics: {} } }
  runInNewContext(data?.['custom-config.js'] ?? '', sandbox)
  return sandbox.config
}

t.test('browsers are told to ask nobody else', async t => {
  t.match(config({}), {
    disableThirdPartyRequests: true,
    p2p: { enabled: true, stunServers: [] },
    analytics: {},
  })
})

t.test('whoever names STUN servers gets them', async t => {
  const p2p = config({ variables: { P2P_STUN_SERVERS: 'stun.example.org:3478' } }).p2p
  t.strictSame(p2p, { enabled: true })
})
