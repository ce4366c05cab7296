import { runInNewContext } from 'node:vm'
import t from 'tap'
import { configJs, ownFiles, pageFiles } from '../../src/components/web-files.ts'
import { configMap, context } from '../support/fixtures.ts'
import { environmentOf, find, planned, rendered } from './rendered.ts'

/** What a browser makes of config.js: the image's own part, then ours. */
function browserConfig(spec: object, files: Record<string, string> = {}) {
  const related = [configMap('look', files)]
  const config: Record<string, unknown> = {
    p2p: { enabled: true, stunServers: [{ urls: 'stun:stun.example.com:443' }] },
  }
  runInNewContext(configJs(context({ spec, related })), { config })
  return config
}

const look = { web: { customConfigCM: { name: 'look' } } }

t.test('by default nothing is asked of servers outside', async t => {
  t.match(browserConfig({}), { disableThirdPartyRequests: true, p2p: { stunServers: [] } })
})

t.test('whoever names STUN servers keeps them', async t => {
  const spec = { variables: { P2P_STUN_SERVERS: 'stun.example.org:443' } }
  t.match(browserConfig(spec), { p2p: { stunServers: [{}] } })
})

t.test('the user’s own config.js comes last, and so has the last word', async t => {
  const files = { 'custom-config.js': 'config.disableThirdPartyRequests = false; config.a = 1;' }
  t.match(browserConfig(look, files), { disableThirdPartyRequests: false, a: 1 })
})

t.test('a ConfigMap that is missing, or lacks the key, leaves config.js as it is', async t => {
  t.match(browserConfig(look, {}), { disableThirdPartyRequests: true })
  t.doesNotThrow(() => configJs(context({ spec: look })))
})

t.test('no file is asked for unless the spec names it', async t => {
  t.strictSame(pageFiles(context()), [])
})

t.test('a volume is named after its ConfigMap, whose name may be no name for a volume', async t => {
  const name = `look.${'x'.repeat(200)}`
  const [file] = pageFiles(context({ spec: { web: { customTitleConfigCM: { name } } } }))
  t.match(file, { name, volume: /^page-[0-9a-f]{8}$/ })
})

const own = (web: object, files: Record<string, string>) =>
  Object.fromEntries(
    ownFiles(context({ spec: { web }, related: [configMap('look', files)] })).map(
      ({ path, text }) => [path, text],
    ),
  )
const from = { name: 'look' }

t.test('nobody is believed who names another client, unless the spec trusts them', async t => {
  const path = '/config/nginx-custom/proxies.conf'
  t.notOk(path in own({}, {}))
  t.equal(
    own({ trustedProxies: ['10.244.0.0/16', '2001:db8::/64'] }, {})[path],
    `set_real_ip_from 10.244.0.0/16;
set_real_ip_from 2001:db8::/64;
real_ip_header X-Forwarded-For;
real_ip_recursive on;`,
  )
})

t.test('whom web believes, prosody believes as well', async t => {
  const told = (spec: object) =>
    environmentOf(find(rendered(spec), 'Deployment', 'meet-prosody')).PROSODY_TRUSTED_PROXIES
  t.equal(told({}), undefined, 'the image believes its own machine')
  t.equal(told({ web: { trustedProxies: ['10.244.0.0/16'] } }), '127.0.0.1,::1,10.244.0.0/16')
})

t.test('what is no network would stop nginx, and is refused', async t => {
  const problems = (network: string) =>
    JSON.stringify(planned({ web: { trustedProxies: [network] } }).response.status.conditions)
  for (const network of ['10.0.0.0', '10.0.0.0/33', '10.0.0.256/8', 'a/8', '::1/129', '0/0;']) {
    t.match(problems(network), 'WrongShape', network)
  }
  for (const network of ['10.0.0.0/8', '192.168.1.1/32', '::/0', '2001:db8::1/128']) {
    t.notMatch(problems(network), 'WrongShape', network)
  }
})

t.test('a style sheet is a file of its own, named in the head of every page', async t => {
  const web = { customCssCM: from }
  t.match(pageFiles(context({ spec: { web } })), [
    { key: 'custom.css', paths: ['/usr/share/jitsi-meet/css/custom.css'] },
  ])
  const link = (css: string) =>
    own(web, { 'custom.css': css })['/usr/share/jitsi-meet/plugin.head.html'] ?? ''
  t.match(link('a{}'), /^\n<link rel="stylesheet" href="css\/custom\.css\?v=[0-9a-f]+">$/)
  t.not(link('a{}'), link('b{}'), 'under another address, since browsers keep it for a year')
})

t.test('a style sheet joins what the user adds to the head, and comes after it', async t => {
  const web = {
    customCssCM: from,
    files: [{ configMap: 'look', key: 'head', path: 'plugin.head.html' }],
  }
  const head = own(web, { head: '<meta>' })['/usr/share/jitsi-meet/plugin.head.html']
  t.match(head, /^<meta>\n<link /)
  const paths = pageFiles(context({ spec: { web } })).flatMap(file => file.paths)
  t.strictSame(paths, ['/usr/share/jitsi-meet/css/custom.css'], 'mounted once')
})

t.test('content of the welcome page is switched on, before the user’s own words', async t => {
  const web = { customWelcomeCM: from, customInterfaceConfigCM: from }
  const files = { 'custom-interface_config.js': 'interfaceConfig.A = 1;' }
  const interfaceConfig: Record<string, unknown> = {}
  const text = own(web, files)['/config/custom-interface_config.js'] ?? ''
  runInNewContext(text, { interfaceConfig })
  t.match(interfaceConfig, { DISPLAY_WELCOME_PAGE_CONTENT: true, A: 1 })
  t.equal(own({}, files)['/config/custom-interface_config.js'], undefined)
})
