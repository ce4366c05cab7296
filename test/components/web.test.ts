import t from 'tap'
import { web } from '../../src/components/web.ts'
import type { Deployment, Service } from '../../src/kube/types.ts'
import { configMap, context, only, type RequestParts } from '../support/fixtures.ts'

function deployed(spec: object = {}, parts: RequestParts = {}) {
  const objects = web(context({ spec, ...parts }))
  const deployment = only(objects, 'Deployment') as Deployment
  const template = deployment.spec?.template
  const container = template?.spec?.containers[0]
  if (!template?.spec || !container) throw new Error('no container')
  return { objects, deployment, template, pod: template.spec, container }
}

const setting = (spec: object, name: string) =>
  deployed(spec).container.env?.find(env => env.name === name)?.value

t.test('web listens where a user without root may', async t => {
  const { container, objects } = deployed()
  t.strictSame(container.ports, [{ name: 'http', containerPort: 8000, protocol: 'TCP' }])
  const service = only(objects, 'Service') as Service
  t.strictSame(service.spec?.ports, [
    { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' },
  ])
})

t.test('HTTPS ends before web, which has no certificate and asks for none', async t => {
  t.equal(setting({}, 'DISABLE_HTTPS'), '1')
  t.equal(setting({}, 'ENABLE_LETSENCRYPT'), '0')
  t.equal(setting({}, 'ENABLE_HTTP_REDIRECT'), '0')
})

t.test('nginx gets the whole name of prosody: it knows no search domains', async t => {
  t.equal(setting({}, 'XMPP_BOSH_URL_BASE'), 'http://meet-prosody.school.svc.cluster.local:5280')
  t.equal(
    setting({ clusterDomain: 'k8s.example.org' }, 'XMPP_BOSH_URL_BASE'),
    'http://meet-prosody.school.svc.k8s.example.org:5280',
  )
})

t.test('no browser loses its WebSocket when web is rolled', async t => {
  const { deployment, pod, container } = deployed({ jvb: { drain: { timeout: '10m' } } })
  t.match(deployment.spec?.strategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
  })
  const command = container.lifecycle?.preStop?.exec?.command?.join(' ') ?? ''
  t.match(command, '/proc/net/tcp', 'waits for the last connection')
  t.match(command, 't < 590', 'as long as a drain may last')
  t.ok((pod.terminationGracePeriodSeconds ?? 0) > 600, 'and is not killed before')

  const sooner = deployed({ web: { terminationGracePeriodSeconds: 120 } })
  t.equal(sooner.pod.terminationGracePeriodSeconds, 120)
  t.match(sooner.container.lifecycle?.preStop?.exec?.command?.join(' '), 't < 80')
})

t.test('the budget leaves all but one Pod, and lets the only one go', async t => {
  const minAvailable = (replicas: number) =>
    only(deployed({ web: { replicas } }).objects, 'PodDisruptionBudget').spec
  t.match(minAvailable(3), { minAvailable: 2 })
  t.match(minAvailable(1), { minAvailable: 0 })
  t.match(minAvailable(0), { minAvailable: 0 })
})

t.test('files of the user’s', async t => {
  const look = configMap('look', { 'custom-config.js': 'config.a = 1;' })
  const every = {
    web: {
      customConfigCM: { name: 'look' },
      customInterfaceConfigCM: { name: 'look' },
      customTitleConfigCM: { name: 'pages' },
      customBodyConfigCM: { name: 'pages' },
      customCloseConfigCM: { name: 'pages' },
    },
  }

  t.test('are mounted one by one, where the images look for them', async t => {
    const { pod, container } = deployed(every, { related: [look] })
    const mounts = container.volumeMounts?.filter(({ subPath }) => subPath) ?? []
    t.strictSame(
      mounts.map(({ mountPath, subPath }) => `${subPath} ${mountPath}`),
      [
        'custom-config.js /config/custom-config.js',
        'custom-interface_config.js /config/custom-interface_config.js',
        'custom-title.html /usr/share/jitsi-meet/title.html',
        'custom-body.html /usr/share/jitsi-meet/body.html',
        'custom-close.html /usr/share/jitsi-meet/static/close.html',
        'custom-close.html /usr/share/jitsi-meet/static/close2.html',
        'custom-close.html /usr/share/jitsi-meet/static/close3.html',
      ],
    )
    const volumes = new Map(pod.volumes?.map(({ name, configMap }) => [name, configMap?.name]))
    t.strictSame(
      mounts.map(({ name }) => volumes.get(name)),
      ['meet-web', 'meet-web', 'pages', 'pages', 'pages', 'pages', 'pages'],
    )
    t.equal(volumes.size, pod.volumes?.length, 'no volume is there twice')
  })

  t.test('of close pages need a switch, or the image never shows them', async t => {
    t.equal(setting(every, 'ENABLE_CLOSE_PAGE'), '1')
    t.equal(setting({}, 'ENABLE_CLOSE_PAGE'), undefined)
  })

  t.test('roll web when their content changes, and only then', async t => {
    const annotations = (data: Record<string, string>) =>
      deployed(every, { related: [look, configMap('pages', data)] }).template.metadata?.annotations
    t.strictSame(
      annotations({ 'custom-title.html': 'a' }),
      annotations({ 'custom-title.html': 'a' }),
    )
    t.notSame(annotations({ 'custom-title.html': 'a' }), annotations({ 'custom-title.html': 'b' }))
  })

  t.test(
    'of config.js roll web too: it is mounted as a single file, which never changes',
    async t => {
      const annotations = (data: Record<string, string>) =>
        deployed(every, { related: [configMap('look', data)] }).template.metadata?.annotations
      t.notSame(annotations({ 'custom-config.js': 'a' }), annotations({ 'custom-config.js': 'b' }))
    },
  )
})
