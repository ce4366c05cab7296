import t from 'tap'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { selectorLabels } from '../../src/kube/labels.ts'
import type { ConfigMap, Deployment, KubeObject, Service } from '../../src/kube/types.ts'
import { childrenOf, jicofoPod, settle } from '../support/cluster.ts'
import { inputs, jitsi, object, objectMap, request } from '../support/fixtures.ts'
import { environmentOf, find, rendered } from './rendered.ts'
import { passes, type Source } from './traffic.ts'

const visitors = { enabled: true, replicas: 2 }
const objects = rendered({ visitors })
const settings = (name: string, among = objects) =>
  environmentOf(find(among, 'Deployment', `meet-${name}`))

t.test('every server has a number, a Service and one Pod', async t => {
  for (const number of ['0', '1']) {
    const name = `meet-visitors-${number}`
    const labels = { ...selectorLabels('meet', 'visitors'), 'apps.jit.si/visitors': number }
    const { spec } = find<Deployment>(objects, 'Deployment', name)
    t.match(spec, { replicas: 1, selector: { matchLabels: labels } })
    t.match(spec?.template.metadata?.labels, labels)
    t.match(settings(`visitors-${number}`), {
      PROSODY_MODE: 'visitors',
      PROSODY_VISITOR_INDEX: number,
      XMPP_SERVER: 'meet-prosody.school.svc.cluster.local',
    })
    t.match(find<Service>(objects, 'Service', name).spec?.selector, labels)
  }
  t.match(find(objects, 'PodDisruptionBudget', 'meet-visitors').spec, { minAvailable: 2 })
})

t.test(
  'a Pod that poses as a bridge under the name of a server claims no Service of it',
  async t => {
    const bridge = find(objects, 'Pod', 'meet-jvb-0')
    const poser = { ...bridge, metadata: { ...bridge.metadata, name: 'meet-visitors-0' } }
    const answered = rendered({ visitors }, { children: [...objects, poser] })
    const services = answered.filter(({ kind }) => kind === 'Service')
    const names = services.map(({ metadata }) => metadata.name)
    t.strictSame(names.sort(), [...new Set(names)].sort())
    t.ok(names.includes('meet-visitors-0'))
  },
)

t.test('prosody and jicofo know the servers, each by the port that it uses', async t => {
  const servers = (port: number) =>
    [0, 1].map(n => `meet-visitors-${n}.school.svc.cluster.local:${port}`).join(',')
  const shared = { ENABLE_VISITORS: '1', VISITORS_MAX_VISITORS_PER_NODE: '250' }
  t.match(settings('prosody'), { ...shared, VISITORS_XMPP_SERVER: servers(5269) })
  t.match(settings('jicofo'), {
    ...shared,
    VISITORS_XMPP_SERVER: servers(5222),
    VISITORS_MAX_PARTICIPANTS: '50',
  })
  t.match(find<Service>(objects, 'Service', 'meet-prosody').spec?.ports, [
    { name: 'xmpp' },
    { name: 'http' },
    { name: 's2s', port: 5269 },
  ])
})

t.test('a server knows nothing of how people log in, and no module of the meetings', async t => {
  const secret = { name: 'login', key: 'key' }
  const spec = {
    visitors,
    auth: { type: 'jwt', guests: true, jwt: { appId: 'moodle', secret } },
    meetings: { moderators: 'everyone' },
    variables: { XMPP_MODULES: 'extra' },
  }
  const server = settings('visitors-0', rendered(spec))
  t.match(server, { ENABLE_AUTH: '1', ENABLE_GUESTS: '1' })
  const foreign = Object.keys(server).filter(name => /JWT|MODULES|AUTH_TYPE/.test(name))
  t.strictSame(foreign, [])
})

t.test('a server runs prosody’s image, and its own where one is named', async t => {
  const image = (spec: object) =>
    find<Deployment>(rendered({ visitors, ...spec }), 'Deployment', 'meet-visitors-0').spec
      ?.template.spec?.containers[0]?.image
  t.equal(image({}), 'ghcr.io/jitsi/prosody:stable-11146-2')
  t.equal(image({ prosody: { image: 'our/prosody:1' } }), 'our/prosody:1')
  const own = { visitors: { ...visitors, image: 'our/visitors:1' } }
  t.equal(image({ prosody: { image: 'our/prosody:1' }, ...own }), 'our/visitors:1')
})

t.test('only those who need a server reach it', async t => {
  const pod = (component: string): Source => ({
    namespace: 'school',
    labels: selectorLabels('meet', component),
  })
  const sources = ['web', 'jvb', 'jicofo', 'prosody', 'visitors']
  const allowed = (component: string, port: number) =>
    sources.filter(source =>
      passes(objects, pod(source), {
        labels: selectorLabels('meet', component),
        port,
        protocol: 'TCP',
      }),
    )
  t.strictSame(allowed('visitors', 5222), ['jicofo'])
  t.strictSame(allowed('visitors', 5269), ['prosody'])
  t.strictSame(allowed('visitors', 5280), ['web'])
  t.strictSame(allowed('prosody', 5269), ['visitors'])
  t.strictSame(allowed('prosody', 5222), ['jvb', 'jicofo'])
})

t.test('web sends a visitor’s browser to the server that jicofo chose', async t => {
  const { data } = find<ConfigMap>(objects, 'ConfigMap', 'meet-web')
  t.match(
    data?.['visitors.conf'],
    'proxy_pass http://meet-visitors-$visitors_server.school.svc.cluster.local:5280/',
  )
  const web = find<Deployment>(objects, 'Deployment', 'meet-web').spec?.template.spec
  t.match(
    web?.containers[0]?.volumeMounts?.find(({ subPath }) => subPath === 'visitors.conf'),
    { mountPath: '/config/nginx-custom/visitors.conf' },
  )
})

t.test('names stay within limits, and differ in their numbers alone', async t => {
  const name = `${'a'.repeat(60)}z`
  const { children } = settle(
    request({ jitsi: jitsi({ name, spec: { visitors: { enabled: true, replicas: 12 } } }) }),
  ).answer
  const names = children
    .filter(({ kind, metadata }) => kind === 'Service' && /visitors/.test(metadata.name))
    .map(({ metadata }) => metadata.name)
  t.equal(new Set(names).size, 12)
  t.equal(new Set(names.map(each => each.replace(/\d+$/, ''))).size, 1)
  t.ok(names.every(each => each.length <= 63))
})

/**
 * A Jitsi with visitors that runs, and what is answered once its spec changes during meetings. Where
 * there are Pods that are not ready, none is available.
 */
function changed(spec: object, conferences: number, unready: KubeObject[] = []): KubeObject[] {
  const related = [jicofoPod('meet', { conferences }), ...unready]
  const { request: running } = settle(request({ jitsi: jitsi({ spec: { visitors } }), related }))
  for (const { metadata, status } of childrenOf(running).values()) {
    const none = unready.length > 0 && /visitors/.test(metadata.name)
    if (none) Object.assign(status ?? {}, { availableReplicas: 0 })
  }
  const asked: SyncRequest = {
    ...running,
    related: objectMap(related),
    parent: { ...running.parent, spec: { domain: 'meet.example.org', ...spec } },
  }
  return reconcile(asked, inputs).response.children
}

const serversOf = (children: readonly KubeObject[]) =>
  children
    .filter(({ kind, metadata }) => kind === 'Deployment' && /visitors/.test(metadata.name))
    .map(({ metadata }) => metadata.name)

t.test('while people meet', async t => {
  t.test('no server that jicofo sends them to goes', async t => {
    const fewer = changed({ visitors: { ...visitors, replicas: 1 } }, 3)
    t.strictSame(serversOf(fewer), ['meet-visitors-0', 'meet-visitors-1'])
    const none = changed({}, 3)
    t.strictSame(serversOf(none), ['meet-visitors-0', 'meet-visitors-1'])
    t.match(find<ConfigMap>(none, 'ConfigMap', 'meet-web').data, { 'visitors.conf': String })
    t.equal(settings('jicofo', none).ENABLE_VISITORS, '1')
  })
  t.test('a new server is made ready, and used later', async t => {
    const more = changed({ visitors: { ...visitors, replicas: 3 } }, 3)
    t.equal(serversOf(more).length, 3)
    t.notMatch(settings('jicofo', more).VISITORS_XMPP_SERVER, 'visitors-2')
  })
  t.test('a server is not restarted', async t => {
    const labels = { 'example.org/changed': 'yes' }
    const same = changed({ visitors: { ...visitors, labels } }, 3)
    t.notMatch(JSON.stringify(find(same, 'Deployment', 'meet-visitors-0')), 'example.org/changed')
  })
  t.test('one that serves on a node whose kubelet is silent is not, a broken one is', async t => {
    const pod = (index: number, ready: boolean) =>
      object('Pod', `meet-visitors-${index}-7c9d`, {
        metadata: {
          labels: { ...selectorLabels('meet', 'visitors'), 'apps.jit.si/visitors': `${index}` },
        },
        spec: { containers: [] },
        status: { containerStatuses: [{ name: 'visitors', ready }] },
      })
    const labels = { 'example.org/changed': 'yes' }
    const spec = { visitors: { ...visitors, labels } }
    const children = changed(spec, 3, [pod(0, true), pod(1, false)])
    const restarts = (index: number) =>
      JSON.stringify(find(children, 'Deployment', `meet-visitors-${index}`)).includes('changed')
    t.strictSame([restarts(0), restarts(1)], [false, true])
  })
})

t.test('when nobody meets, servers go together with what jicofo knows of them', async t => {
  const fewer = changed({ visitors: { ...visitors, replicas: 1 } }, 0)
  t.strictSame(serversOf(fewer), ['meet-visitors-0'])
  t.notMatch(settings('jicofo', fewer).VISITORS_XMPP_SERVER, 'visitors-1')
  const none = changed({}, 0)
  t.notMatch(JSON.stringify(none), /visitors/i)
})
