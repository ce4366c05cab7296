import t from 'tap'
import type { Context } from '../../src/components/context.ts'
import { jicofo } from '../../src/components/jicofo.ts'
import { prosody } from '../../src/components/prosody.ts'
import type { Deployment, KubeObject } from '../../src/kube/types.ts'
import { configMap, context, only, type RequestParts } from '../support/fixtures.ts'

/** The one Deployment of prosody or jicofo, in its parts. */
function deployed(
  build: (context: Context) => KubeObject[],
  spec: object,
  parts: RequestParts = {},
) {
  const objects = build(context({ spec, ...parts }))
  const deployment = only(objects, 'Deployment') as Deployment
  const template = deployment.spec?.template
  const container = template?.spec?.containers[0]
  if (!template?.spec || !container) throw new Error('no container')
  const env = new Map(
    container.env?.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]),
  )
  return { objects, deployment, template, pod: template.spec, container, env }
}

for (const [name, build] of Object.entries({ prosody, jicofo })) {
  t.test(`${name} holds meetings together`, async t => {
    const { objects, deployment, template, pod } = deployed(build, {})

    t.test('so there is one of it, never two at once', async t => {
      t.match(deployment.spec, { replicas: 1, strategy: { type: 'Recreate' } })
    })
    t.test('so node autoscalers leave it alone', async t => {
      t.match(template.metadata?.annotations, {
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        'karpenter.sh/do-not-disrupt': 'true',
      })
    })
    t.test('so a drain of its node asks first, unless it is broken anyway', async t => {
      t.match(only(objects, 'PodDisruptionBudget').spec, {
        minAvailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      })
    })
    t.test('so it leaves a dead node within seconds, not minutes', async t => {
      t.strictSame(
        pod.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
        [
          ['node.kubernetes.io/not-ready', 30],
          ['node.kubernetes.io/unreachable', 30],
        ],
      )
    })
  })
}

t.test('jicofo', async t => {
  t.test('is not restarted for being without bridges, which it calls unhealthy', async t => {
    const { livenessProbe, readinessProbe } = deployed(jicofo, {}).container
    t.equal(livenessProbe?.httpGet?.path, '/about/version')
    t.equal(readinessProbe?.httpGet?.path, '/about/version')
  })
  t.test('tells the cluster whether meetings run, and carries the label to be asked', async t => {
    const { env, template } = deployed(jicofo, {})
    t.equal(env.get('JICOFO_ENABLE_REST'), '1')
    t.equal(template.metadata?.labels?.['apps.jit.si/observe'], 'jicofo')
  })
  t.test('spreads meetings over bridges of one region', async t => {
    const { env } = deployed(jicofo, { region: 'north' })
    t.equal(env.get('ENABLE_OCTO'), '1')
    t.equal(env.get('OCTO_BRIDGE_SELECTION_STRATEGY'), 'RegionBasedBridgeSelectionStrategy')
    t.equal(env.get('JICOFO_OCTO_REGION'), 'north')
  })
  t.test('has a heap of two thirds of its memory', async t => {
    const heap = (spec: object) => deployed(jicofo, spec).env.get('JICOFO_MAX_MEMORY')
    t.equal(heap({}), '1024m')
    t.equal(heap({ jicofo: { resources: { limits: { memory: '3Gi' } } } }), '2048m')
    t.equal(heap({ jicofo: { resources: {} } }), undefined, 'without a limit the image decides')
  })
})

t.test('prosody', async t => {
  t.test('is ready once the accounts are there, which it makes after it answers', async t => {
    const command = deployed(prosody, {}).container.readinessProbe?.exec?.command?.join(' ') ?? ''
    t.match(command, '127.0.0.1:5280/health', 'it tells its health to its own Pod only')
    t.match(command, '/accounts/"$JVB_AUTH_USER".dat')
  })
  t.test('is not restarted for being slow: that would end every meeting', async t => {
    const { livenessProbe } = deployed(prosody, {}).container
    t.match(livenessProbe, { tcpSocket: { port: 'xmpp' }, failureThreshold: 10 })
  })
  t.test('shows figures only where somebody asked for them', async t => {
    t.equal(deployed(prosody, {}).env.get('PROSODY_ENABLE_METRICS'), undefined)
    t.equal(deployed(prosody, { metrics: true }).env.get('PROSODY_ENABLE_METRICS'), '1')
  })

  t.test('takes a configuration of the user’s instead of its template', async t => {
    const spec = { prosody: { customProsodyConfigCM: { name: 'lua' } } }
    const related = [configMap('lua', { 'jitsi-meet.cfg.lua': 'admins = {}' })]
    const { container, pod, template } = deployed(prosody, spec, { related })
    t.match(
      container.volumeMounts?.find(({ subPath }) => subPath),
      {
        // The image writes to /config; what it writes there it takes from /defaults.
        mountPath: '/defaults/conf.d/jitsi-meet.cfg.lua',
        subPath: 'jitsi-meet.cfg.lua',
        readOnly: true,
      },
    )
    t.ok(pod.volumes?.some(({ configMap }) => configMap?.name === 'lua'))
    const other = [configMap('lua', { 'jitsi-meet.cfg.lua': 'admins = { "a" }' })]
    t.notSame(
      deployed(prosody, spec, { related: other }).template.metadata?.annotations,
      template.metadata?.annotations,
      'and restarts when it changes',
    )
  })
})

t.test('TURN', async t => {
  const secret = { name: 'turn', key: 'secret' }
  const cases = [
    { name: 'is off without a server', turn: undefined, want: {} },
    {
      name: 'has its usual port',
      turn: { host: 'turn.example.org' },
      want: { TURN_HOST: 'turn.example.org', TURN_PORT: '3478' },
    },
    {
      name: 'over TLS has another usual port',
      turn: { host: 'turn.example.org', tls: true },
      want: { TURNS_HOST: 'turn.example.org', TURNS_PORT: '5349' },
    },
    {
      name: 'goes through firewalls on 443',
      turn: { host: 'turn.example.org', tls: true, port: 443 },
      want: { TURNS_HOST: 'turn.example.org', TURNS_PORT: '443' },
    },
    {
      name: 'has its secret by reference',
      turn: { host: 'turn.example.org', secret },
      want: {
        TURN_CREDENTIALS: { secretKeyRef: secret },
        TURN_HOST: 'turn.example.org',
        TURN_PORT: '3478',
      },
    },
  ]
  for (const { name, turn, want } of cases) {
    t.test(name, async t => {
      const { env } = deployed(prosody, turn ? { turn } : {})
      const found = [...env].filter(([name]) => name.startsWith('TURN'))
      t.strictSame(Object.fromEntries(found), want)
    })
  }
})
