import t from 'tap'
import type { SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { settle } from '../support/cluster.ts'
import { configMap, inputs, jitsi, object, objectMap, only, request } from '../support/fixtures.ts'

const spec = {
  web: { customConfigCM: { name: 'look' }, customTitleConfigCM: { name: 'pages' } },
  prosody: { customProsodyConfigCM: { name: 'lua' } },
}
const look = configMap('look', { 'custom-config.js': 'config.a = 1;' })
const pages = configMap('pages', { 'custom-title.html': 'a' })
const lua = configMap('lua', { 'jitsi-meet.cfg.lua': '-- a' })

const { request: running } = settle(
  request({ jitsi: jitsi({ spec }), related: [look, pages, lua] }),
)

const asked = (related: KubeObject[], changes: object = {}): SyncRequest => ({
  ...running,
  related: objectMap(related),
  parent: { ...running.parent, spec: { domain: 'meet.example.org', ...spec, ...changes } },
})

/** The image that the answer has for a component, and what is said of the configuration. */
function answered(request: SyncRequest, name: string) {
  const { children, status } = reconcile(request, inputs).response
  const conditions = status.conditions as { type: string; reason: string; message: string }[]
  return {
    text: JSON.stringify(only(children, 'Deployment', name)),
    configuration: conditions.find(({ type }) => type === 'ConfigurationValid'),
    configJs: (only(children, 'ConfigMap', 'meet-web').data as Record<string, string>)[
      'custom-config.js'
    ],
  }
}

const newImage = { image: { tag: 'stable-11200' } }

t.test('a ConfigMap that is gone leaves what uses it as it is', async t => {
  const { text, configuration, configJs } = answered(asked([pages, lua], newImage), 'meet-web')
  t.match(text, 'web:stable-11146-2')
  t.match(configJs, 'config.a = 1;', 'the settings of the running interface stay too')
  t.match(configuration, { reason: 'ReferenceMissing', message: /^ConfigMap look not found/ })
})

t.test('only what uses it: the rest goes on', async t => {
  t.match(answered(asked([look, pages], newImage), 'meet-web').text, 'web:stable-11200')
  t.match(answered(asked([look, pages], newImage), 'meet-prosody').text, 'prosody:stable-11146-2')
})

t.test('several that are gone are all named', async t => {
  const { configuration } = answered(asked([]), 'meet-web')
  t.match(configuration?.message, /^ConfigMap look, ConfigMap lua, ConfigMap pages not found/)
})

t.test('once it is back, what waited is done', async t => {
  const { text, configuration } = answered(asked([look, pages, lua], newImage), 'meet-web')
  t.match(text, 'web:stable-11200')
  t.match(configuration, { reason: 'Valid' })
})

t.test('what is not there yet is made without it: Kubernetes makes its Pods wait', async t => {
  const first = request({
    jitsi: jitsi({ spec }),
    children: [only(childrenOf(running), 'Secret', 'meet')],
  })
  t.ok(only(reconcile(first, inputs).response.children, 'Deployment', 'meet-web'))
})

t.test('a Secret without the key that is named counts as gone', async t => {
  const turn = { host: 'turn.example.org', secret: { name: 'turn', key: 'secret' } }
  const changes = { turn, disableGracefulUpgrade: true }
  const secret = (data: Record<string, string>) => object('Secret', 'turn', { data })
  const { text, configuration } = answered(
    asked([look, pages, lua, secret({ other: 'eA==' })], changes),
    'meet-prosody',
  )
  t.notMatch(text, 'TURN_HOST', 'prosody would never start')
  t.match(configuration, {
    reason: 'ReferenceMissing',
    message: /^secret in Secret turn not found/,
  })
  const complete = asked([look, pages, lua, secret({ secret: 'eA==' })], changes)
  t.match(answered(complete, 'meet-prosody').text, 'TURN_HOST')
})

function childrenOf({ children }: SyncRequest): KubeObject[] {
  return Object.values(children).flatMap(group => Object.values(group))
}
