import t from 'tap'
import { JitsiSpec } from '../../src/api/jitsi.ts'
import { canonicalJson } from '../../src/kube/hash.ts'
import type { Deployment, KubeObject, Pod } from '../../src/kube/types.ts'
import { fullSpec, renderedFull, without } from './full-jitsi.ts'

/*
 * Every optional thing of a full Jitsi is switched off, alone, and on again. What has to go goes,
 * what has to know of it changes or restarts, and nothing else is touched.
 */

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name.replace('meet-', '')}`
const byName = (spec: object) =>
  new Map(renderedFull(spec as typeof fullSpec).map(object => [nameOf(object), object]))

/** Two generations of a Pod that differ are a restart; anything else is changed in place. */
function podOf(object: KubeObject | undefined): unknown {
  if (object?.kind === 'Deployment') return (object as Deployment).spec?.template
  return object?.kind === 'Pod' ? [object.metadata, (object as Pod).spec] : undefined
}

interface Difference {
  gone?: string[]
  made?: string[]
  changed?: string[]
  restarted?: string[]
}

function difference(before: Map<string, KubeObject>, after: Map<string, KubeObject>): Difference {
  const differs = (name: string, part: (object?: KubeObject) => unknown) =>
    canonicalJson(part(before.get(name)) ?? null) !== canonicalJson(part(after.get(name)) ?? null)
  const both = [...before.keys()].filter(name => after.has(name))
  const restarted = both.filter(name => differs(name, podOf))
  const lists = {
    gone: [...before.keys()].filter(name => !after.has(name)),
    made: [...after.keys()].filter(name => !before.has(name)),
    changed: both.filter(name => !restarted.includes(name) && differs(name, object => object)),
    restarted,
  }
  return Object.fromEntries(
    Object.entries(lists).flatMap(([what, names]) =>
      names.length > 0 ? [[what, names.toSorted()]] : [],
    ),
  )
}

const visitorServers = ['Deployment/visitors-0', 'Deployment/visitors-1']
const prosodies = ['Deployment/prosody', ...visitorServers]

const toggles: { off: string; spec?: object; want: Difference }[] = [
  // An alert tells of its certificate.
  { off: 'ingress', want: { changed: ['PrometheusRule/alerts'], gone: ['Ingress/web'] } },
  { off: 'gateway', want: { gone: ['HTTPRoute/web'] } },
  {
    off: 'metrics',
    want: {
      gone: [
        'PodMonitor/jibri',
        'PodMonitor/jicofo',
        'PodMonitor/jvb',
        'PodMonitor/prosody',
        'PodMonitor/visitors',
        'PrometheusRule/alerts',
      ],
      changed: ['jibri', 'jicofo', 'jvb', 'prosody', 'visitors'].map(it => `NetworkPolicy/${it}`),
      // Their images serve figures only when told so.
      restarted: [...prosodies, 'Pod/jibri-0'],
    },
  },
  {
    off: 'networkPolicy',
    spec: { ...fullSpec, networkPolicy: { enabled: false } },
    want: {
      gone: [
        'coturn',
        'etherpad',
        'jibri',
        'jicofo',
        'jigasi',
        'jvb',
        'prosody',
        'transcriber',
        'visitors',
        'web',
        'whiteboard',
      ].map(it => `NetworkPolicy/${it}`),
    },
  },
  {
    off: 'networkPolicy.ingressNamespace',
    want: { changed: ['NetworkPolicy/prosody', 'NetworkPolicy/web'] },
  },
  {
    off: 'auth',
    want: { restarted: [...prosodies, 'jicofo', 'jigasi', 'web'].map(deployment) },
  },
  {
    off: 'auth.guests',
    want: { restarted: [...prosodies, 'jigasi', 'web'].map(deployment) },
  },
  { off: 'auth.users', want: { restarted: ['Deployment/prosody'] } },
  { off: 'meetings.lobby', want: { restarted: ['Deployment/prosody'] } },
  { off: 'meetings.breakoutRooms', want: { restarted: ['Deployment/prosody', 'Deployment/web'] } },
  { off: 'meetings.maxParticipants', want: { restarted: ['Deployment/prosody'] } },
  {
    off: 'meetings.lastN',
    want: { changed: ['ConfigMap/web'], restarted: ['Deployment/web'] },
  },
  { off: 'meetings.resolution', want: { restarted: ['Deployment/web'] } },
  { off: 'meetings.welcomePage', want: { restarted: ['Deployment/web'] } },
  {
    off: 'web.replicas',
    want: { changed: ['Deployment/web', 'PodDisruptionBudget/web'] },
  },
  {
    off: 'web.customConfigCM',
    want: { changed: ['ConfigMap/web'], restarted: ['Deployment/web'] },
  },
  ...['InterfaceConfig', 'Css', 'Welcome'].map(file => ({
    off: `web.custom${file}CM`,
    want: { changed: ['ConfigMap/web'], restarted: ['Deployment/web'] },
  })),
  ...['TitleConfig', 'BodyConfig', 'CloseConfig'].map(page => ({
    off: `web.custom${page}CM`,
    want: { restarted: ['Deployment/web'] },
  })),
  { off: 'web.files', want: { restarted: ['Deployment/web'] } },
  {
    off: 'web.trustedProxies',
    want: { changed: ['ConfigMap/web'], restarted: [...prosodies, 'Deployment/web'] },
  },
  { off: 'web.dynamicBrandingUrl', want: { restarted: ['Deployment/web'] } },
  {
    off: 'prosody.persistence',
    want: { gone: ['PersistentVolumeClaim/prosody'], restarted: ['Deployment/prosody'] },
  },
  { off: 'jvb.autoscaling.schedule', want: { gone: ['Pod/jvb-2'] } },
  {
    off: 'jvb.autoscaling',
    want: { gone: ['Pod/jvb-2'], made: ['HorizontalPodAutoscaler/jvb'] },
  },
  {
    off: 'coturn',
    want: {
      gone: ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service'].map(
        kind => `${kind}/coturn`,
      ),
      changed: ['PrometheusRule/alerts'],
      restarted: prosodies,
    },
  },
  {
    off: 'coturn.tls',
    want: {
      changed: ['NetworkPolicy/coturn', 'PrometheusRule/alerts', 'Service/coturn'],
      restarted: ['Deployment/coturn', ...prosodies],
    },
  },
  {
    off: 'jibri',
    want: {
      gone: [
        'ConfigMap/jibri',
        'NetworkPolicy/jibri',
        'Pod/jibri-0',
        'PodDisruptionBudget/jibri',
        'PodMonitor/jibri',
      ],
      changed: ['NetworkPolicy/prosody', 'PrometheusRule/alerts'],
      restarted: [...prosodies, 'jicofo', 'web'].map(deployment),
    },
  },
  {
    off: 'jibri.bucket',
    want: { gone: ['ConfigMap/jibri'], restarted: ['Pod/jibri-0'] },
  },
  { off: 'jibri.livestreaming', want: { restarted: ['Deployment/web'] } },
  { off: 'jibri.minIdle', want: {} },
  {
    off: 'jigasi',
    want: {
      gone: ['Deployment/jigasi', 'NetworkPolicy/jigasi'],
      changed: ['NetworkPolicy/prosody'],
      // Prosody makes its account.
      restarted: [...prosodies, 'jicofo'].map(deployment),
    },
  },
  {
    off: 'transcriber',
    want: {
      gone: ['Deployment', 'NetworkPolicy', 'Service'].map(kind => `${kind}/transcriber`),
      changed: ['ConfigMap/jicofo'],
      restarted: [...prosodies, 'jicofo', 'web'].map(deployment),
    },
  },
  {
    off: 'visitors',
    want: {
      gone: [
        ...visitorServers,
        'NetworkPolicy/visitors',
        'PodDisruptionBudget/visitors',
        'PodMonitor/visitors',
        'Service/visitors-0',
        'Service/visitors-1',
      ],
      changed: ['ConfigMap/web', 'NetworkPolicy/prosody', 'Service/prosody'],
      restarted: ['jicofo', 'jigasi', 'prosody', 'web'].map(deployment),
    },
  },
  ...['etherpad', 'whiteboard'].map(companion => ({
    off: companion,
    want: {
      gone: ['Deployment', 'NetworkPolicy', 'Service'].map(kind => `${kind}/${companion}`),
      restarted: ['Deployment/web'],
    },
  })),
]

function deployment(name: string): string {
  return name.startsWith('Deployment/') ? name : `Deployment/${name}`
}

const full = byName(fullSpec)

const sorted = (difference: Difference): Difference =>
  Object.fromEntries(Object.entries(difference).map(([what, names]) => [what, names.toSorted()]))

for (const { off, spec = without(off), want } of toggles) {
  t.test(`${off} off changes what it concerns, and nothing else`, async t => {
    const after = byName(spec)
    t.strictSame(difference(full, after), sorted(want))
    t.strictSame(difference(after, full).gone, want.made, 'nor does it leave anything behind')
  })
}

t.test('the full Jitsi has everything that can be switched on', async t => {
  const parts = Object.entries(JitsiSpec.properties).filter(
    ([, { properties }]) => properties !== undefined && 'enabled' in properties,
  )
  t.not(parts.length, 0)
  for (const [part] of parts) {
    // On where nobody says otherwise.
    if (part !== 'networkPolicy') t.match(fullSpec[part], { enabled: true }, part)
  }
})

t.test('every part of the full Jitsi is in the table', async t => {
  const always = ['domain', 'timezone']
  const parts = Object.keys(fullSpec).filter(part => !always.includes(part))
  t.strictSame(
    parts.filter(part => !toggles.some(({ off }) => off === part || off.startsWith(`${part}.`))),
    [],
  )
})
