import t from 'tap'
import { relatedRules } from '../../src/core/related.ts'
import type { Deployment, KubeObject } from '../../src/kube/types.ts'
import { changes, environmentOf, find, rendered, request } from './rendered.ts'

t.test('a Gateway that exists gets a route to web', async t => {
  const spec = { gateway: { enabled: true, parentRefs: [{ name: 'public', namespace: 'infra' }] } }
  const [route] = rendered(spec, { childKinds: ['httproutes'] }).filter(
    ({ kind }) => kind === 'HTTPRoute',
  )
  t.match(route?.spec, {
    parentRefs: [
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' },
    ],
    hostnames: ['meet.example.org'],
    // Envoy ends requests after 15 seconds where a route says nothing.
    rules: [{ backendRefs: [{ name: 'meet-web', port: 80 }], timeouts: { request: '0s' } }],
  })
  t.notOk(
    rendered(spec).some(({ kind }) => kind === 'HTTPRoute'),
    'not where the controller does not know the kind',
  )
})

t.test('a route of which the API server keeps no timeouts is left without', async t => {
  const spec = { gateway: { enabled: true, parentRefs: [{ name: 'public' }] } }
  const route = (children: KubeObject[]) =>
    find(rendered(spec, { childKinds: ['httproutes'], children }), 'HTTPRoute', 'meet-web')
  const made = route([])
  const { rules } = made.spec as { rules: { timeouts: object }[] }
  // As the standard channel of the Gateway API before 1.2 stores it.
  const older = rules.map(({ timeouts: _, ...rule }) => rule)
  const stored = { ...made, spec: { ...(made.spec as object), rules: older } }
  t.strictSame(route([stored]), stored, 'or it would be written at every call')
  t.strictSame(route([made]), made)
})

t.test('a Gateway leads signalling past web where the spec says so', async t => {
  const spec = {
    gateway: { enabled: true, parentRefs: [{ name: 'public' }] },
    web: { signalling: 'direct' },
  }
  const route = find(rendered(spec, { childKinds: ['httproutes'] }), 'HTTPRoute', 'meet-web')
  const prosody = [{ name: 'meet-prosody', port: 5280 }]
  t.match(route.spec, {
    rules: [
      { matches: [{ path: { type: 'Exact', value: '/xmpp-websocket' } }], backendRefs: prosody },
      { matches: [{ path: { type: 'Exact', value: '/http-bind' } }], backendRefs: prosody },
      { matches: [{ path: { type: 'PathPrefix', value: '/' } }] },
    ],
  })
})

t.test('a logo, a style sheet', async t => {
  const branding: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'branding', namespace: 'school' },
    binaryData: { 'logo.svg': 'eA==' },
    data: { 'head.html': '<link rel="stylesheet" href="css/campus.css">' },
  }
  const spec = {
    web: {
      files: [
        { configMap: 'branding', key: 'logo.svg', path: 'images/watermark.svg' },
        { configMap: 'branding', key: 'head.html', path: 'plugin.head.html' },
      ],
      dynamicBrandingUrl: 'https://brand.example.org/api',
    },
  }
  const objects = rendered(spec, { related: [branding] })
  const web = (objects: KubeObject[]) =>
    find<Deployment>(objects, 'Deployment', 'meet-web').spec?.template

  t.test('take the place of files of the image', async t => {
    const { containers = [], volumes = [] } = web(objects)?.spec ?? {}
    const paths = containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath) ?? []
    t.ok(paths.includes('/usr/share/jitsi-meet/images/watermark.svg'))
    t.ok(paths.includes('/usr/share/jitsi-meet/plugin.head.html'))
    t.equal(volumes.filter(({ configMap }) => configMap?.name === 'branding').length, 1)
  })

  t.test('are watched, and roll web when they change', async t => {
    const rules = relatedRules(request(spec).parent)
    t.match(rules, [{ resource: 'configmaps', names: ['branding'] }])
    const other = { ...branding, binaryData: { 'logo.svg': 'eQ==' } }
    t.strictSame(changes(objects, rendered(spec, { related: [other] })), ['Deployment/meet-web'])
  })

  t.test('come with a service that brands meetings', async t => {
    const env = environmentOf(find(objects, 'Deployment', 'meet-web'))
    t.equal(env.DYNAMIC_BRANDING_URL, 'https://brand.example.org/api')
  })
})

t.test('figures', async t => {
  const monitored = { childKinds: ['podmonitors', 'prometheusrules'] }

  t.test('are found by annotations of Services where PodMonitors are unknown', async t => {
    const changed = changes(rendered(), rendered({ metrics: true }))
    t.strictSame(changed, [
      'Deployment/meet-prosody',
      'NetworkPolicy/meet-jicofo',
      'NetworkPolicy/meet-jvb',
      'NetworkPolicy/meet-prosody',
      'Service/meet-jicofo',
      'Service/meet-jvb',
      'Service/meet-prosody',
    ])
    const ports = ['jvb', 'jicofo', 'prosody'].map(
      name =>
        find(rendered({ metrics: true }), 'Service', `meet-${name}`).metadata.annotations?.[
          'prometheus.io/port'
        ],
    )
    t.strictSame(ports, ['8080', '8888', '5280'])
  })

  t.test('are found so of recorders and of servers for visitors, too', async t => {
    const more = { metrics: true, jibri: { enabled: true }, visitors: { enabled: true } }
    const ports = ['jibri', 'visitors-0', 'visitors-1'].map(
      name =>
        find(rendered(more), 'Service', `meet-${name}`).metadata.annotations?.[
          'prometheus.io/port'
        ],
    )
    t.strictSame(ports, ['2222', '5280', '5280'])
  })

  t.test('are found by PodMonitors alone where those are known', async t => {
    const objects = rendered({ metrics: true }, monitored)
    t.notMatch(JSON.stringify(objects), 'prometheus.io/scrape')
    t.equal(objects.filter(({ kind }) => kind === 'PodMonitor').length, 3)
  })

  t.test('come with alerts, about recorders only where there are some', async t => {
    const names = (spec: object) =>
      JSON.stringify(find(rendered(spec, monitored), 'PrometheusRule', 'meet-alerts').spec)
    t.match(names({ metrics: true }), 'JitsiNoOperationalBridge')
    t.notMatch(names({ metrics: true }), 'JitsiNoFreeRecorder')
    t.match(names({ metrics: true, jibri: { enabled: true } }), 'JitsiNoFreeRecorder')
  })
})
