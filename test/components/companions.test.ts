import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { serve } from '../../src/components/coturn.ts'
import { selectorLabels } from '../../src/kube/labels.ts'
import type { ConfigMap, Deployment, KubeObject, Service } from '../../src/kube/types.ts'
import { changes, environmentOf, find, planned, rendered } from './rendered.ts'
import { passes } from './traffic.ts'

const sip = {
  uri: '4930@sip.example.org',
  server: 'sip.example.org',
  password: { name: 'sip', key: 'password' },
}
const sipSecret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'sip', namespace: 'school' },
  data: { password: 'eA==' },
}
const related = [sipSecret]
const turn = { coturn: { enabled: true, host: 'turn.example.org', tls: { name: 'turn-tls' } } }

/** What each switch makes, and what it changes: nothing else, and never a bridge. */
const switches: { name: string; spec: object; want: string[] }[] = [
  {
    name: 'coturn',
    spec: turn,
    want: [
      'Deployment/meet-coturn',
      'Deployment/meet-prosody',
      'NetworkPolicy/meet-coturn',
      'PodDisruptionBudget/meet-coturn',
      'Service/meet-coturn',
    ],
  },
  {
    name: 'jigasi',
    spec: { jigasi: { enabled: true, sip } },
    want: [
      'Deployment/meet-jicofo',
      'Deployment/meet-jigasi',
      'Deployment/meet-prosody',
      'NetworkPolicy/meet-jigasi',
      'NetworkPolicy/meet-prosody',
    ],
  },
  {
    name: 'captions',
    spec: { transcriber: { enabled: true } },
    want: [
      'ConfigMap/meet-jicofo',
      'Deployment/meet-jicofo',
      'Deployment/meet-prosody',
      'Deployment/meet-transcriber',
      'Deployment/meet-web',
      'NetworkPolicy/meet-transcriber',
      'Service/meet-transcriber',
    ],
  },
  {
    name: 'captions by jigasi',
    spec: { transcriber: { enabled: true, service: 'whisper', url: 'ws://whisper:8000' } },
    want: [
      'Deployment/meet-jicofo',
      'Deployment/meet-prosody',
      'Deployment/meet-transcriber',
      'Deployment/meet-web',
      'NetworkPolicy/meet-prosody',
      'NetworkPolicy/meet-transcriber',
    ],
  },
  {
    name: 'etherpad',
    spec: { etherpad: { enabled: true } },
    want: [
      'Deployment/meet-etherpad',
      'Deployment/meet-web',
      'NetworkPolicy/meet-etherpad',
      'Service/meet-etherpad',
    ],
  },
  {
    name: 'whiteboard',
    spec: { whiteboard: { enabled: true } },
    want: [
      'Deployment/meet-web',
      'Deployment/meet-whiteboard',
      'NetworkPolicy/meet-whiteboard',
      'Service/meet-whiteboard',
    ],
  },
]

for (const { name, spec, want } of switches) {
  t.test(`${name} changes what it needs, and leaves nothing behind`, async t => {
    const before = rendered()
    const on = rendered(spec, { related })
    t.strictSame(changes(before, on), want)
    const off = rendered({}, { children: on })
    t.strictSame(changes(rendered({}, { children: before }), off), [])
  })
}

t.test('every switch leaves the others’ objects alone', async t => {
  const all = Object.assign({}, ...switches.map(({ spec }) => spec)) as Record<string, object>
  const first = rendered(all, { related })
  const surroundings = { related, children: first.filter(({ kind }) => kind === 'Secret') }
  const everything = rendered(all, surroundings)
  // Of two ways to do a thing the last counts, as above.
  const distinct = new Map(switches.map(it => [Object.keys(it.spec)[0], it]))
  for (const [key, { name, want }] of distinct) {
    const without = Object.fromEntries(Object.entries(all).filter(([field]) => field !== key))
    const changed = changes(everything, rendered(without, surroundings))
    const unexpected = changed.filter(object => !want.includes(object))
    t.strictSame(unexpected, [], name)
  }
})

t.test('the TURN server', async t => {
  const objects = rendered(turn)
  const container = find<Deployment>(objects, 'Deployment', 'meet-coturn').spec?.template.spec
    ?.containers[0]

  t.test('is what prosody tells clients of, over TLS on port 443 too', async t => {
    t.match(environmentOf(find(objects, 'Deployment', 'meet-prosody')), {
      TURN_HOST: 'turn.example.org',
      TURN_PORT: '3478',
      TURN_TRANSPORT: 'tcp',
      TURNS_HOST: 'turn.example.org',
      TURNS_PORT: '443',
      TURN_CREDENTIALS: { secretKeyRef: { name: /^meet-passwords-/, key: 'TURN_CREDENTIALS' } },
    })
  })

  t.test('has every port of its Service for one protocol only', async t => {
    const { ports = [] } = find<Service>(objects, 'Service', 'meet-coturn').spec ?? {}
    t.strictSame(
      ports.map(({ port, protocol, targetPort }) => [port, protocol, targetPort]),
      [
        [3478, 'TCP', 'turn'],
        [443, 'TCP', 'turns'],
      ],
    )
  })

  t.test('may keep the capability that its file carries, and no other', async t => {
    t.match(container?.securityContext, {
      runAsUser: 65534,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    })
  })

  t.test('relays to nothing on its own machine, link-local or multicast', async t => {
    const command = container?.command ?? []
    for (const network of [
      '127.0.0.0-127.255.255.255',
      '169.254.0.0-169.254.255.255',
      'fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ]) {
      t.ok(command.includes(`--denied-peer-ip=${network}`), network)
    }
    t.ok(command.includes('--no-multicast-peers'))
    t.ok(command.includes('--no-tcp-relay'))
  })

  t.test('offers UDP too where it is on the network of its node', async t => {
    const spec = { coturn: { ...turn.coturn, exposure: { type: 'HostNetwork' } } }
    const objects = rendered(spec)
    const prosody = environmentOf(find(objects, 'Deployment', 'meet-prosody'))
    t.equal(prosody.TURN_TRANSPORT, 'udp,tcp')
    const { template } = find<Deployment>(objects, 'Deployment', 'meet-coturn').spec ?? {}
    t.equal(template?.spec?.hostNetwork, true)
    t.ok(template?.spec?.containers[0]?.command?.includes('--tls-listening-port=443'))
    t.notOk(
      objects.some(({ kind, metadata }) => kind === 'Service' && /coturn/.test(metadata.name)),
    )
  })

  t.test('lets a variable contradict nothing', async t => {
    const { response } = planned({ ...turn, variables: { TURN_HOST: 'elsewhere.example.org' } })
    const prosody = environmentOf(find(response.children, 'Deployment', 'meet-prosody'))
    t.equal(prosody.TURN_HOST, 'turn.example.org')
    t.match(JSON.stringify(response.status.conditions), 'it is worked out from spec.coturn')
  })

  t.test('reads a renewed certificate without a restart, and stops when told', async t => {
    const dir = t.testdir({ 'tls.crt': 'old', bin: {} })
    const script = serve.replaceAll('/etc/jitsi-operator/tls', dir)
    const server = `#!/bin/bash
trap 'echo renewed >>${dir}/log' USR2
trap 'echo stopped >>${dir}/log; exit 0' TERM
echo started >>${dir}/log
while :; do read -rt 0.05 <> <(:); done
`
    writeFileSync(join(dir, 'bin/turnserver'), server)
    // A pause that ends as soon as the certificate is another one.
    const pause = `#!/bin/bash
echo watching >>${dir}/log
until grep -q started ${dir}/log && [ "$(cat ${dir}/tls.crt)" = new ]; do read -rt 0.02 <> <(:); done
exec /bin/sleep 0.1
`
    writeFileSync(join(dir, 'bin/sleep'), pause)
    for (const name of ['turnserver', 'sleep']) chmodSync(join(dir, 'bin', name), 0o755)
    const env = { PATH: `${join(dir, 'bin')}:${process.env.PATH}` }
    writeFileSync(join(dir, 'log'), '')
    const child = spawn('sh', ['-c', script, 'turnserver'], {
      env,
      stdio: 'ignore',
      detached: true,
    })
    const exit = once(child, 'exit')
    // A test that is stopped on its way leaves nothing behind that waits for ever.
    t.teardown(() => {
      if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL')
    })
    const log = async (word: string): Promise<void> => {
      const text = execFileSync('cat', [join(dir, 'log')], { stdio: ['ignore', 'pipe', 'ignore'] })
      if (text.toString().includes(word)) return
      await new Promise(resolve => setImmediate(resolve))
      await log(word)
    }
    // It has seen the old one by then.
    await log('watching')
    await log('started')
    writeFileSync(join(dir, 'tls.crt'), 'new')
    await log('renewed')
    child.kill('SIGTERM')
    await exit
    const words = readFileSync(join(dir, 'log'), 'utf8').replaceAll('watching\n', '')
    t.match(words, /^started\n(renewed\n)+stopped\n$/)
  })
})

t.test('telephones and captions are one image in two roles', async t => {
  const spec = {
    jigasi: { enabled: true, sip },
    transcriber: { enabled: true, url: 'wss://vosk.example.org', service: 'vosk' },
  }
  const objects = rendered(spec, { related })
  const image = (name: string) =>
    find<Deployment>(objects, 'Deployment', name).spec?.template.spec?.containers[0]?.image
  t.equal(image('meet-jigasi'), image('meet-transcriber'))
  t.match(image('meet-jigasi'), '/jigasi:')
  t.match(environmentOf(find(objects, 'Deployment', 'meet-jigasi')), {
    JIGASI_MODE: 'sip',
    JIGASI_SIP_URI: '4930@sip.example.org',
    JIGASI_SIP_PASSWORD: { secretKeyRef: { name: 'sip', key: 'password' } },
  })
  t.match(environmentOf(find(objects, 'Deployment', 'meet-transcriber')), {
    JIGASI_MODE: 'transcriber',
    JIGASI_TRANSCRIBER_CUSTOM_SERVICE: 'org.jitsi.jigasi.transcription.VoskTranscriptionService',
    JIGASI_TRANSCRIBER_VOSK_URL: 'wss://vosk.example.org',
    JIGASI_TRANSCRIBER_ENABLE_SAVING: '0',
  })
  t.match(environmentOf(find(objects, 'Deployment', 'meet-jicofo')), {
    JIGASI_SIP_URI: '4930@sip.example.org',
    ENABLE_TRANSCRIPTIONS: '1',
  })
})

t.test('captions by the bridges', async t => {
  const jicofoConf = (spec: object) =>
    find<ConfigMap>(rendered(spec), 'ConfigMap', 'meet-jicofo').data?.['custom-jicofo.conf']
  const on = (fields: object = {}) => ({ transcriber: { enabled: true, ...fields } })
  const objects = rendered(on())

  t.test('jicofo knows where bridges send what is said', async t => {
    const template = (spec: object) =>
      /^jicofo\.transcription \{\n {2}url-template = "(.+)"\n\}$/m.exec(jicofoConf(spec) ?? '')?.[1]
    const query = 'sessionId={{MEETING_ID}}&sendBack=true'
    const ours = 'ws://meet-transcriber.school.svc.cluster.local:8080/transcribe'
    t.equal(template(on()), `${ours}?${query}`)
    const url = 'wss://captions.example.org/transcribe'
    t.equal(template(on({ url })), `${url}?${query}`)
    t.equal(template(on({ url: `${url}?tag=a` })), `${url}?tag=a&${query}`)
    t.equal(template(on({ url: `${url}/{{MEETING_ID}}` })), `${url}/{{MEETING_ID}}`)
    t.equal(template({}), undefined)
    t.equal(template(on({ service: 'whisper', url })), undefined)
  })

  t.test('prosody marks rooms, and knows no account of jigasi', async t => {
    const env = environmentOf(find(objects, 'Deployment', 'meet-prosody'))
    t.match(env, {
      ENABLE_TRANSCRIPTIONS: '1',
      XMPP_MUC_MODULES: 'force_async_transcription',
      JIGASI_TRANSCRIBER_PASSWORD: undefined,
    })
  })

  t.test('the key of the provider comes from a Secret, as the variables of any Pod', async t => {
    const envFrom = [{ secretRef: { name: 'captions-account' } }]
    const { spec } = find<Deployment>(rendered(on({ envFrom })), 'Deployment', 'meet-transcriber')
    const [container] = spec?.template.spec?.containers ?? []
    t.match(container, { image: /\/opus-transcriber-proxy:/, envFrom })
    const own = rendered(on({ image: 'registry.example.org/proxy:1' }))
    t.match(JSON.stringify(find(own, 'Deployment', 'meet-transcriber')), 'example.org/proxy:1')
  })

  t.test('bridges alone reach it', async t => {
    const from = (component: string) => ({
      namespace: 'school',
      labels: selectorLabels('meet', component),
    })
    const proxy = {
      labels: selectorLabels('meet', 'transcriber'),
      port: 8080,
      protocol: 'TCP' as const,
    }
    t.ok(passes(objects, from('jvb'), proxy))
    t.notOk(passes(objects, from('web'), proxy))
    t.notOk(passes(objects, { address: '203.0.113.9' }, proxy))
  })

  t.test('nothing runs here where a proxy elsewhere is named', async t => {
    const elsewhere = rendered(on({ url: 'wss://captions.example.org/transcribe' }))
    t.strictSame(
      elsewhere.filter(({ metadata }) => metadata.name === 'meet-transcriber'),
      [],
    )
  })
})

t.test('the shared document and the whiteboard are reached through web alone', async t => {
  const objects = rendered({ etherpad: { enabled: true }, whiteboard: { enabled: true } })
  t.match(environmentOf(find(objects, 'Deployment', 'meet-web')), {
    ETHERPAD_URL_BASE: 'http://meet-etherpad.school.svc.cluster.local:9001',
    WHITEBOARD_COLLAB_SERVER_URL_BASE: 'http://meet-whiteboard.school.svc.cluster.local:80',
  })
  const from = (component: string) => ({
    namespace: 'school',
    labels: selectorLabels('meet', component),
  })
  const pad = { labels: selectorLabels('meet', 'etherpad'), port: 9001, protocol: 'TCP' as const }
  t.ok(passes(objects, from('web'), pad))
  t.notOk(passes(objects, from('jvb'), pad))
  t.notOk(passes(objects, { address: '203.0.113.9' }, pad))
})

t.test('etherpad has no administrator', async t => {
  const env = environmentOf(
    find(rendered({ etherpad: { enabled: true } }), 'Deployment', 'meet-etherpad'),
  )
  t.notOk('ADMIN_PASSWORD' in env)
})
