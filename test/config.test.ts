import t from 'tap'
import { ConfigMistake, readConfig } from '../src/config.ts'

const defaults = {
  port: 8080,
  host: '127.0.0.1',
  logLevel: 'info',
  reloadMs: 10_000,
  limits: { bodyBytes: 67_108_864, requestMs: 8000 },
}

t.test('settings that are right', async t => {
  const cases = [
    { name: 'none: loopback, plain HTTP, no token', env: {}, want: defaults },
    { name: 'an empty one counts as unset', env: { PORT: '', TOKEN_FILE: '' }, want: defaults },
    { name: 'strangers are left alone', env: { PATH: '/bin', PORTAL: 'x' }, want: defaults },
    { name: 'any free port', env: { PORT: '0' }, want: { ...defaults, port: 0 } },
    { name: 'all addresses', env: { HOST: '::' }, want: { ...defaults, host: '::' } },
    { name: 'no log', env: { LOG_LEVEL: 'silent' }, want: { ...defaults, logLevel: 'silent' } },
    {
      name: 'a certificate',
      env: { TLS_CERT_FILE: '/c', TLS_KEY_FILE: '/k' },
      want: { ...defaults, tls: { certFile: '/c', keyFile: '/k' } },
    },
    { name: 'a token', env: { TOKEN_FILE: '/t' }, want: { ...defaults, tokenFile: '/t' } },
    {
      name: 'limits',
      env: { BODY_LIMIT: '1024', REQUEST_SECONDS: '20', RELOAD_SECONDS: '1' },
      want: { ...defaults, reloadMs: 1000, limits: { bodyBytes: 1024, requestMs: 20_000 } },
    },
  ]
  for (const { name, env, want } of cases) {
    t.test(name, async t => t.strictSame(readConfig(env), want))
  }

  t.test('in a cluster, the API server to ask about Nodes', async t => {
    const { apiServer } = readConfig({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })
    t.equal(apiServer?.url, 'https://10.0.0.1:443')
  })
})

t.test('a mistake is a line with the variable, its value and what is allowed', async t => {
  const cases = [
    { env: { PORT: 'http' }, want: /^PORT="http": allowed is a TCP port from 0 .* to 65535$/ },
    { env: { PORT: '-1' }, want: /^PORT="-1": / },
    { env: { PORT: '80.5' }, want: /^PORT="80.5": / },
    { env: { PORT: '65536' }, want: /^PORT="65536": / },
    { env: { PORT: 'true' }, want: /^PORT="true": / },
    { env: { HOST: 'http://x' }, want: /^HOST="http:\/\/x": allowed is an address or host name/ },
    { env: { LOG_LEVEL: 'loud' }, want: /^LOG_LEVEL="loud": allowed is one of trace, / },
    { env: { BODY_LIMIT: '64Mi' }, want: /^BODY_LIMIT="64Mi": allowed is bytes/ },
    { env: { REQUEST_SECONDS: '0' }, want: /^REQUEST_SECONDS="0": allowed is seconds/ },
    { env: { TLS_CERT_FILE: '/c' }, want: /^TLS_CERT_FILE="\/c" without TLS_KEY_FILE: set both/ },
    { env: { TLS_KEY_FILE: '/k' }, want: /^TLS_KEY_FILE="\/k" without TLS_CERT_FILE: set both/ },
  ]
  for (const { env, want } of cases) {
    t.test(JSON.stringify(env), async t => {
      t.throws(() => readConfig(env), { message: want, constructor: ConfigMistake })
    })
  }

  t.test('and several mistakes are several lines', async t => {
    t.throws(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' }), {
      message: /^PORT=.*\nLOG_LEVEL=.*$/,
    })
  })
})
