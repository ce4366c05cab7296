import t from 'tap'
import { relatedRules } from '../../src/core/related.ts'
import { jitsi } from '../support/fixtures.ts'

const rules = (spec: unknown, name = 'meet') => relatedRules(jitsi({ name, spec }))

const signalling = ['jicofo', 'prosody', 'visitors'].map(component => ({
  apiVersion: 'v1',
  resource: 'pods',
  namespace: 'school',
  labelSelector: {
    matchLabels: {
      'app.kubernetes.io/name': 'jitsi',
      'app.kubernetes.io/instance': 'meet',
      'app.kubernetes.io/component': component,
    },
  },
}))

t.test(
  'a plain Jitsi asks for its Secret, the Pods of signalling and its namespace, nothing more',
  async t => {
    const secret = { apiVersion: 'v1', resource: 'secrets', namespace: 'school', names: ['meet'] }
    const namespace = { apiVersion: 'v1', resource: 'namespaces', names: ['school'] }
    t.strictSame(rules({}), [secret, ...signalling, namespace])
  },
)

t.test('the namespace is asked for where Pods need host ports', async t => {
  const asked = (spec: object) => rules(spec).some(({ resource }) => resource === 'namespaces')
  const nodePort = { jvb: { exposure: { type: 'NodePort' } } }
  t.notOk(asked(nodePort))
  t.ok(asked({ ...nodePort, jigasi: { enabled: true, hostNetwork: true } }))
  t.ok(asked({ jvb: { exposure: { type: 'HostNetwork' } } }))
})

t.test('a spec of the wrong shape changes nothing, so it looks at nothing else', async t => {
  for (const spec of [null, 'meet', { domain: 1 }, { web: 1 }, { jvb: { strategy: 1 } }]) {
    t.strictSame(rules(spec), signalling, JSON.stringify(spec))
  }
})

t.test('ConfigMaps are asked for by name, each once, in this namespace only', async t => {
  const spec = {
    web: { customConfigCM: { name: 'look' }, customCloseConfigCM: { name: 'look' } },
    prosody: { customProsodyConfigCM: { name: 'lua' } },
  }
  t.strictSame(rules(spec)[0], {
    apiVersion: 'v1',
    resource: 'configmaps',
    namespace: 'school',
    names: ['look', 'lua'],
  })
})

t.test('the order of names does not depend on the order of fields', async t => {
  const [one] = rules({
    web: { customConfigCM: { name: 'b' }, customTitleConfigCM: { name: 'a' } },
  })
  t.strictSame(one?.names, ['a', 'b'])
})

t.test('a Secret of the user’s is asked for by name: no other Secret is seen', async t => {
  t.match(rules({ existingSecret: { name: 'vault' } })[0], {
    resource: 'secrets',
    namespace: 'school',
    names: ['vault'],
  })
})

t.test('Nodes are asked for where bridges belong to them', async t => {
  const nodes = (jvb: object) => rules({ jvb }).filter(({ resource }) => resource === 'nodes')
  t.strictSame(nodes({}), [])
  t.match(nodes({ strategy: { type: 'daemonset' } }), [
    { labelSelector: { matchLabels: { 'kubernetes.io/os': 'linux' } } },
  ])
  t.match(nodes({ strategy: { type: 'daemonset' }, nodeSelector: { pool: 'media' } }), [
    { labelSelector: { matchLabels: { pool: 'media' } } },
  ])
})

t.test(
  'a label that none can be is asked for by nobody: Metacontroller would refuse all',
  async t => {
    for (const pool of ['media, large', 'media/', '-', 'm'.repeat(64)]) {
      const jvb = { strategy: { type: 'daemonset' }, nodeSelector: { pool } }
      t.strictSame(rules({ jvb }), signalling, pool)
    }
    for (const key of ['my pool', 'example.org/', '/pool', 'Example.org/pool', 'p'.repeat(64)]) {
      const jvb = { strategy: { type: 'daemonset' }, nodeSelector: { [key]: 'media' } }
      t.strictSame(rules({ jvb }), signalling, key)
    }
    for (const label of [
      { pool: '' },
      { 'example.org/pool': 'm'.repeat(63) },
      { P_1: 'a.b_c-D' },
    ]) {
      t.match(rules({ jvb: { strategy: { type: 'daemonset' }, nodeSelector: label } }).at(-1), {
        labelSelector: { matchLabels: label },
      })
    }
  },
)

t.test('Nodes are asked for where their addresses are those of the TURN server', async t => {
  const asked = (coturn: object) =>
    rules({ coturn: { enabled: true, nodeSelector: { pool: 'turn' }, ...coturn } }).some(
      ({ resource, labelSelector }) =>
        resource === 'nodes' && labelSelector?.matchLabels?.pool === 'turn',
    )
  t.ok(asked({ exposure: { type: 'HostNetwork' } }))
  t.ok(asked({ exposure: { type: 'NodePort' } }))
  t.notOk(asked({ exposure: { type: 'HostNetwork' }, host: 'turn.example.org' }))
  t.notOk(asked({ exposure: { type: 'LoadBalancer' } }))
  t.notOk(asked({ exposure: { type: 'HostNetwork' }, enabled: false }))
})

t.test('a long name is found by the label that stands for it', async t => {
  const name = 'a'.repeat(80)
  const [, rule] = rules({}, name)
  t.match(rule?.labelSelector?.matchLabels?.['app.kubernetes.io/instance'], /^a{54}-[0-9a-f]{8}$/)
})
