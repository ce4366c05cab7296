import t from 'tap'
import { ingress } from '../../src/components/ingress.ts'
import { context } from '../support/fixtures.ts'

const ingressFor = (fields: object) =>
  ingress(context({ spec: { ingress: { enabled: true, ...fields } } }))

t.test('there is none unless asked for', async t => {
  t.strictSame(ingress(context()), [])
})

t.test('the domain leads to web', async t => {
  t.match(ingressFor({}), [
    {
      kind: 'Ingress',
      metadata: { name: 'meet-web' },
      spec: {
        rules: [
          {
            host: 'meet.example.org',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'meet-web', port: { name: 'http' } } },
                },
              ],
            },
          },
        ],
      },
    },
  ])
})

t.test('HTTPS', async t => {
  const tls = (fields: object) =>
    (ingressFor(fields)[0] as { spec: { tls?: unknown } } | undefined)?.spec.tls
  t.strictSame(tls({}), [{ hosts: ['meet.example.org'], secretName: 'meet.example.org-tls' }])
  t.match(tls({ tlsSecretName: 'wildcard' }), [{ secretName: 'wildcard' }])
  t.equal(tls({ tls: false }), undefined, 'may end before the cluster')
})

t.test('the class is the cluster’s default unless named', async t => {
  t.notMatch(JSON.stringify(ingressFor({})), 'ingressClassName')
  t.match(ingressFor({ className: 'nginx' }), [{ spec: { ingressClassName: 'nginx' } }])
})

t.test(
  'a WebSocket stays open for as long as a meeting, unless the user says otherwise',
  async t => {
    const timeout = 'nginx.ingress.kubernetes.io/proxy-read-timeout'
    t.match(ingressFor({}), [{ metadata: { annotations: { [timeout]: '3600' } } }])
    // Each controller reads its own, and BOSH is answered after 60 seconds.
    t.match(ingressFor({}), [
      {
        metadata: {
          annotations: {
            'nginx.org/websocket-services': 'meet-web',
            'nginx.org/proxy-read-timeout': '3600s',
            'haproxy.org/timeout-server': '3m',
            'haproxy-ingress.github.io/timeout-server': '3m',
            'haproxy-ingress.github.io/timeout-tunnel': '1h',
          },
        },
      },
    ])
    const annotations = { [timeout]: '60', 'cert-manager.io/cluster-issuer': 'letsencrypt' }
    t.match(ingressFor({ annotations }), [{ metadata: { annotations } }])
  },
)

t.test('signalling goes straight to prosody where the spec says so', async t => {
  const direct = ingress(
    context({ spec: { ingress: { enabled: true }, web: { signalling: 'direct' } } }),
  )
  const backend = { service: { name: 'meet-prosody', port: { name: 'http' } } }
  t.match(direct, [
    {
      spec: {
        rules: [
          {
            http: {
              paths: [
                { path: '/xmpp-websocket', pathType: 'Exact', backend },
                { path: '/http-bind', pathType: 'Exact', backend },
                { path: '/', backend: { service: { name: 'meet-web' } } },
              ],
            },
          },
        ],
      },
    },
  ])
})
