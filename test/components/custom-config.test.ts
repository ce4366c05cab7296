import t from 'tap'
import { relatedRules } from '../../src/core/related.ts'
import type { ConfigMap, Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { changes, environmentOf, find, planned, rendered, request } from './rendered.ts'

/* Files of the user's for prosody, jicofo, bridges and recorders. */

const configMap = (name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'school' },
  data,
})

const own = [
  configMap('modules', { 'mod_a.lua': '-- a' }),
  configMap('options', { 'a.cfg.lua': 'a = 1' }),
  configMap('lines', {
    'custom-jicofo.conf': 'jicofo.a = 1',
    'custom-jvb.conf': 'videobridge.a = 1',
    'custom-jibri.conf': 'jibri.a = 1',
  }),
]
const lines = { customConfigCM: { name: 'lines' } }
const spec = {
  prosody: { plugins: [{ name: 'modules' }], configIncludes: [{ name: 'options' }] },
  jicofo: lines,
  jvb: lines,
  jibri: { enabled: true, ...lines },
}
const objects = rendered(spec, { related: own })

const podOf = (name: string, kind = 'Deployment') =>
  kind === 'Pod'
    ? find<Pod>(objects, 'Pod', name).spec
    : find<Deployment>(objects, kind, name).spec?.template.spec

t.test('prosody finds modules and includes where its image looks for them', async t => {
  const pod = podOf('meet-prosody')
  const mounts = pod?.containers[0]?.volumeMounts ?? []
  const mounted = mounts.map(({ name, mountPath }) => `${name} ${mountPath}`)
  t.match(mounted.slice(-2), ['includes /config/conf.d', 'plugins /prosody-plugins-custom'])
  t.match(pod?.volumes?.slice(-2), [
    { projected: { sources: [{ configMap: { name: 'options' } }] } },
    { projected: { sources: [{ configMap: { name: 'modules' } }] } },
  ])
})

t.test('each program reads the lines that are its own', async t => {
  const cases = [
    ['Deployment', 'meet-jicofo', '/config/own-jicofo.conf'],
    ['Pod', 'meet-jibri-0', '/config/custom-jibri.conf'],
  ] as const
  for (const [kind, name, mountPath] of cases) {
    const mount = podOf(name, kind)?.containers[0]?.volumeMounts?.find(
      ({ name }) => name === 'custom-config',
    )
    t.match(mount, { mountPath, readOnly: true }, name)
  }
  t.match(
    find<ConfigMap>(objects, 'ConfigMap', 'meet-jvb').data?.['custom-jvb.conf'],
    /average-participant-stress = [\s\S]*\nvideobridge\.a = 1$/,
    'bridges: after the lines that are ours',
  )
})

t.test('new content changes what reads it, and nothing else', async t => {
  const cases = [
    { name: 'modules', key: 'mod_a.lua', want: ['Deployment/meet-prosody'] },
    { name: 'options', key: 'a.cfg.lua', want: ['Deployment/meet-prosody'] },
    { name: 'lines', key: 'custom-jicofo.conf', want: ['Deployment/meet-jicofo'] },
    { name: 'lines', key: 'custom-jvb.conf', want: ['ConfigMap/meet-jvb', 'Pod/meet-jvb-0'] },
  ]
  for (const { name, key, want } of cases) {
    const related = own.map(object =>
      object.metadata.name === name
        ? configMap(name, { ...(object.data as Record<string, string>), [key]: 'other' })
        : object,
    )
    const changed = changes(objects, rendered(spec, { related }))
    t.strictSame(changed, want, key)
  }
})

t.test('servers for visitors have the modules too: some are loaded by every host', async t => {
  const all = rendered({ ...spec, visitors: { enabled: true, replicas: 1 } }, { related: own })
  const { spec: visitors } = find<Deployment>(all, 'Deployment', 'meet-visitors-0')
  const mounts = visitors?.template.spec?.containers[0]?.volumeMounts ?? []
  t.ok(mounts.some(({ mountPath }) => mountPath === '/prosody-plugins-custom'))
  t.notOk(mounts.some(({ mountPath }) => mountPath === '/config/conf.d'))
})

t.test('modules that are named join those of fields and of variables, each once', async t => {
  const settings = environmentOf(
    find(
      rendered({
        auth: { type: 'jwt', jwt: { appId: 'a', keyServer: 'https://keys.example.org' } },
        meetings: { moderators: 'token' },
        prosody: { modules: { server: ['a'], rooms: ['frozen_nick', 'b'], lobby: ['c'] } },
        variables: { XMPP_MUC_MODULES: 'b,d' },
      }),
      'Deployment',
      'meet-prosody',
    ),
  )
  t.match(settings, {
    GLOBAL_MODULES: 'a',
    XMPP_MUC_MODULES: 'b,d,token_affiliation,frozen_nick',
    XMPP_LOBBY_MUC_MODULES: 'c',
    XMPP_MODULES: undefined,
  })
})

t.test('all of them are asked for', async t => {
  const [rule] = relatedRules(request(spec).parent)
  t.match(rule, { resource: 'configmaps', names: ['lines', 'modules', 'options'] })
})

t.test('a ConfigMap that is gone, or lacks its key, changes nothing that runs', async t => {
  const running = [
    configMap('another', { 'custom-jvb.conf': 'not this one' }),
    ...planned(spec, { related: own }).response.children,
  ]
  const cases = [
    { related: own.slice(0, 2), want: /ConfigMap lines not found/ },
    {
      related: [...own.slice(0, 2), configMap('lines', { 'custom-jibri.conf': '' })],
      want: /custom-jicofo\.conf in ConfigMap lines, custom-jvb\.conf in ConfigMap lines not found/,
    },
  ]
  for (const { related, want } of cases) {
    const { children, status } = planned(spec, { related, children: running }).response
    t.match(JSON.stringify(status), want)
    const files = find<ConfigMap>(children, 'ConfigMap', 'meet-jvb').data
    t.match(files?.['custom-jvb.conf'], /videobridge\.a = 1/, 'bridges keep their lines')
    const jicofo = (from: KubeObject[]) =>
      JSON.stringify(find<Deployment>(from, 'Deployment', 'meet-jicofo').spec)
    t.equal(jicofo(children), jicofo(running))
  }
})

t.test('what people bring for jicofo is included by our file, and so counts more', async t => {
  const spec = { jicofo: { customConfigCM: { name: 'own' } } }
  const ours = find<ConfigMap>(rendered(spec), 'ConfigMap', 'meet-jicofo').data?.[
    'custom-jicofo.conf'
  ]
  const [, included] = /\n}\ninclude "(.+)"\n$/.exec(ours ?? '') ?? []
  const { spec: deployment } = find<Deployment>(rendered(spec), 'Deployment', 'meet-jicofo')
  const mounts = deployment?.template.spec?.containers[0]?.volumeMounts ?? []
  const own = mounts.find(({ name }) => name === 'custom-config')
  t.match(own, { mountPath: `/config/${included}`, subPath: 'custom-jicofo.conf' })
  t.ok(mounts.some(({ mountPath }) => mountPath === '/config/custom-jicofo.conf'))
})
