import t from 'tap'
import { heapSetting, imageOf, podTemplate } from '../../src/components/pod.ts'
import { context } from '../support/fixtures.ts'

const parts = {
  component: 'web',
  container: { volumeMounts: [{ name: 'config', mountPath: '/config' }] },
  resources: { requests: { cpu: '100m', memory: '128Mi' } },
  terminationGracePeriodSeconds: 30,
  tolerations: [{ key: 'ours', operator: 'Exists' }],
}

/** The Pod template of web, for overrides as a person writes them. */
function template(web: object = {}, spec: object = {}) {
  const { metadata, spec: pod } = podTemplate(context({ spec: { web, ...spec } }), parts)
  const [main] = pod?.containers ?? []
  if (!pod || !main) throw new Error('no container')
  return { metadata, pod, main }
}

t.test('an image', async t => {
  const image = (spec: object) => imageOf(context({ spec }), 'web')
  t.equal(image({}), 'ghcr.io/jitsi/web:stable-11146-2')
  t.equal(
    image({ image: { registry: 'registry.example.org/jitsi', tag: 'stable-11200' } }),
    'registry.example.org/jitsi/web:stable-11200',
  )
  t.equal(
    image({ web: { image: 'example.org/our-web@sha256:abc' } }),
    'example.org/our-web@sha256:abc',
  )
})

t.test('a private registry gets its Secret', async t => {
  const { pod } = template({}, { image: { pullSecrets: [{ name: 'registry' }] } })
  t.strictSame(pod.imagePullSecrets, [{ name: 'registry' }])
})

t.test('what a person says about Pods', async t => {
  const cases = [
    { field: 'nodeSelector', value: { pool: 'web' } },
    { field: 'affinity', value: { nodeAffinity: {} } },
    { field: 'topologySpreadConstraints', value: [{ maxSkew: 1, topologyKey: 'zone' }] },
    { field: 'priorityClassName', value: 'important' },
    { field: 'runtimeClassName', value: 'gvisor' },
    { field: 'hostAliases', value: [{ ip: '192.0.2.1', hostnames: ['turn'] }] },
    { field: 'dnsConfig', value: { nameservers: ['192.0.2.53'] } },
    { field: 'dnsPolicy', value: 'Default' },
    { field: 'imagePullSecrets', value: [{ name: 'registry' }] },
  ]
  for (const { field, value } of cases) {
    t.test(`is said in ${field}`, async t => {
      t.match(template({ [field]: value }).pod, { [field]: value })
      t.notOk(field in template().pod, 'and nothing without it')
    })
  }
})

t.test('tolerations, volumes, mounts and containers join ours', async t => {
  const { pod, main } = template({
    tolerations: [{ key: 'theirs', operator: 'Exists' }],
    volumes: [{ name: 'theirs', emptyDir: {} }],
    volumeMounts: [{ name: 'theirs', mountPath: '/theirs' }],
    initContainers: [{ name: 'first', image: 'first' }],
    sidecars: [{ name: 'beside', image: 'beside' }],
  })
  t.strictSame(
    pod.tolerations?.map(({ key }) => key),
    ['ours', 'theirs'],
  )
  t.strictSame(
    pod.volumes?.map(({ name }) => name),
    ['run', 'tmp', 'theirs'],
  )
  t.strictSame(
    main.volumeMounts?.map(({ name }) => name),
    ['run', 'tmp', 'config', 'theirs'],
  )
  t.strictSame(
    pod.initContainers?.map(({ name }) => name),
    ['first'],
  )
  t.strictSame(
    pod.containers.map(({ name }) => name),
    ['web', 'beside'],
  )
})

t.test('what has a name of ours is merged into ours', async t => {
  const { pod, main } = template({
    volumes: [{ name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1024Mi' } }],
    volumeMounts: [{ name: 'theirs', mountPath: '/config' }],
    sidecars: [{ name: 'web', tty: true }],
  })
  t.strictSame(pod.volumes?.[0], { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } })
  t.strictSame(main.volumeMounts?.at(-1), { name: 'theirs', mountPath: '/config' })
  t.equal(pod.containers.length, 1)
  t.match(main, { name: 'web', tty: true, image: /web/ })
})

t.test('the main container stays, whatever is said of it', async t => {
  for (const $patch of ['delete', 'replace', 'merge']) {
    const sidecars = [{ name: 'web', tty: true, $patch }]
    t.match(template({ sidecars }).main, { name: 'web', tty: true, image: /web/ }, $patch)
  }
})

t.test('a toleration of a person’s replaces ours of the same taint', async t => {
  const of = (tolerations: object[]) => template({ tolerations }).pod.tolerations
  t.strictSame(of([{ key: 'ours', value: 'x' }]), [{ key: 'ours', value: 'x' }])
  t.equal(of([{ key: 'theirs', value: 'x' }])?.length, 2)
})

t.test('the time to stop', async t => {
  const seconds = (web: object, more: object = {}) =>
    podTemplate(context({ spec: { web } }), { ...parts, ...more }).spec
      ?.terminationGracePeriodSeconds
  t.equal(seconds({}), 30)
  t.equal(seconds({ terminationGracePeriodSeconds: 5 }), 5)
  t.equal(
    seconds({ terminationGracePeriodSeconds: 5 }, { neverStopsSooner: true }),
    30,
    'of what carries meetings is never less than it needs',
  )
  t.equal(seconds({ terminationGracePeriodSeconds: 60 }, { neverStopsSooner: true }), 60)
})

t.test('quantities come in the form in which the API server gives them back', async t => {
  const resources = { requests: { cpu: 0.5, memory: '1024Mi' }, limits: { memory: '1.5Gi' } }
  const { pod, main } = template({
    resources,
    sidecars: [{ name: 'beside', image: 'beside', resources: { requests: { cpu: '1000m' } } }],
    initContainers: [
      { name: 'first', image: 'first', resources: { limits: { memory: '2048Mi' } } },
    ],
  })
  t.strictSame(main.resources, {
    requests: { cpu: '500m', memory: '1Gi' },
    limits: { memory: '1536Mi' },
  })
  t.strictSame(pod.containers[1]?.resources, { requests: { cpu: '1' } })
  t.strictSame(pod.initContainers?.[0]?.resources, { limits: { memory: '2Gi' } })
})

t.test('a person’s labels and annotations join ours, and change none of them', async t => {
  const { metadata } = template({
    labels: { team: 'av', 'app.kubernetes.io/component': 'mine' },
    annotations: { 'example.org/note': 'yes' },
  })
  t.match(metadata?.labels, { team: 'av', 'app.kubernetes.io/component': 'web' })
  t.match(metadata?.annotations, { 'example.org/note': 'yes' })
})

t.test('security contexts are merged, so that one exception keeps the other rules', async t => {
  const { pod, main } = template({
    podSecurityContext: { fsGroup: 2000, runAsUser: null },
    securityContext: { readOnlyRootFilesystem: false, capabilities: { add: ['NET_BIND_SERVICE'] } },
  })
  t.match(pod.securityContext, { fsGroup: 2000, runAsNonRoot: true })
  t.notOk('runAsUser' in (pod.securityContext ?? {}), 'null leaves the choice to the cluster')
  t.match(main.securityContext, {
    readOnlyRootFilesystem: false,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
  })
})

t.test('a Pod has a token only if it has an account to use it for', async t => {
  t.equal(template().pod.automountServiceAccountToken, false)
  t.notOk('serviceAccountName' in template().pod)
  t.match(template({ serviceAccountName: 'irsa' }).pod, {
    automountServiceAccountToken: true,
    serviceAccountName: 'irsa',
    // The API server writes the old name too, and would put the account back when ours is gone.
    serviceAccount: 'irsa',
  })
})

t.test('spreading over nodes can be left out', async t => {
  const affinity = { podAntiAffinity: {} }
  const spread = (web: object) =>
    podTemplate(context({ spec: { web } }), { ...parts, affinity }).spec?.affinity
  t.strictSame(spread({}), affinity)
  t.equal(spread({ disableDefaultAffinity: true }), undefined)
  t.strictSame(
    spread({ affinity: { nodeAffinity: { a: 1 } } }),
    { ...affinity, nodeAffinity: { a: 1 } },
    'and stays beside what a person says',
  )
})

t.test('the images may write to /run and /tmp only', async t => {
  const { pod, main } = template()
  t.match(main.securityContext, { readOnlyRootFilesystem: true })
  t.match(pod.volumes, [
    { name: 'run', emptyDir: { sizeLimit: '64Mi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
  ])
})

t.test('service links are off: JVB_PORT=tcp://… would be taken for a setting', async t => {
  t.equal(template().pod.enableServiceLinks, false)
})

t.test('a Java heap leaves room in the memory limit', async t => {
  t.equal(heapSetting(3 * 2 ** 30, 1 / 2), '1536m')
  t.equal(heapSetting(1536 * 2 ** 20, 2 / 3), '1024m')
  t.equal(heapSetting(undefined, 1 / 2), undefined, 'without a limit the image decides')
})
