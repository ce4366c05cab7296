import { digest } from '../kube/hash.ts'
import { type Reference, referred } from './content.ts'
import type { Context } from './context.ts'
import { meetingConfig } from './meeting-settings.ts'
import { visitorRoutes } from './visitors.ts'

/** A file of the web interface that comes from a ConfigMap of the user's. */
export interface PageFile extends Reference {
  volume: string
  key: string
  /** Where the image looks for it; close pages are three, and which is shown is the image's choice. */
  paths: string[]
}

const share = '/usr/share/jitsi-meet'

const pages = [
  {
    field: 'customInterfaceConfigCM',
    key: 'custom-interface_config.js',
    paths: ['/config/custom-interface_config.js'],
  },
  { field: 'customTitleConfigCM', key: 'custom-title.html', paths: [`${share}/title.html`] },
  { field: 'customBodyConfigCM', key: 'custom-body.html', paths: [`${share}/body.html`] },
  {
    field: 'customCloseConfigCM',
    key: 'custom-close.html',
    paths: ['close', 'close2', 'close3'].map(page => `${share}/static/${page}.html`),
  },
] as const

/** The files that the spec asks for, in a fixed order. */
export function pageFiles(context: Context): PageFile[] {
  const volume = (name: string) => `page-${digest(name).slice(0, 8)}`
  return [
    ...customPages(context, volume),
    ...context.spec.web.files.map(({ configMap: name, key, path }) => ({
      kind: 'ConfigMap' as const,
      name,
      volume: volume(name),
      key,
      paths: [`${share}/${path}`],
    })),
  ]
}

function customPages({ spec }: Context, volume: (name: string) => string): PageFile[] {
  return pages.flatMap(({ field, key, paths }) => {
    const name = spec.web[field]?.name
    if (name === undefined) return []
    return [
      {
        kind: 'ConfigMap' as const,
        name,
        volume: volume(name),
        key,
        paths: [...paths],
      },
    ]
  })
}

/** A file that we write, in web's ConfigMap. */
interface OwnFile {
  key: string
  /** Where the image looks for it. */
  path: string
  text: string
}

/** The files that we write, in a fixed order. */
export function ownFiles(context: Context): OwnFile[] {
  const config = 'custom-config.js'
  const routes = 'visitors.conf'
  return [
    { key: config, path: `/config/${config}`, text: configJs(context) },
    ...(context.spec.visitors.enabled
      ? [{ key: routes, path: `/config/nginx-custom/${routes}`, text: visitorRoutes(context) }]
      : []),
  ]
}

/**
 * What is appended to config.js: privacy first (no picture service, no STUN server of others, which
 * the client would use by default), then whatever the user's own ConfigMap says.
 */
export function configJs(context: Context): string {
  const custom = context.spec.web.customConfigCM
  const own = custom && referred(context, { kind: 'ConfigMap', name: custom.name })
  return [
    'config.disableThirdPartyRequests = true;',
    ...('P2P_STUN_SERVERS' in context.spec.variables ? [] : ['config.p2p.stunServers = [];']),
    ...meetingConfig(context),
    own?.data?.['custom-config.js'] ?? '',
  ].join('\n')
}
