import { digest } from '../kube/hash.ts'
import { realAddresses } from './client-addresses.ts'
import { type Reference, referred } from './content.ts'
import type { Context } from './context.ts'
import { meetingConfig } from './meeting-settings.ts'
import { visitorRoutes } from './visitors.ts'

/** A file of the web interface that comes from a ConfigMap of the user's. */
export interface PageFile extends Reference {
  volume: string
  key: string
  /**
   * Where the image looks for it; close pages are three, and which is shown is the image's choice.
   */
  paths: string[]
}

const share = '/usr/share/jitsi-meet'

const pages = [
  { field: 'customTitleConfigCM', key: 'custom-title.html', paths: [`${share}/title.html`] },
  { field: 'customBodyConfigCM', key: 'custom-body.html', paths: [`${share}/body.html`] },
  {
    field: 'customCloseConfigCM',
    key: 'custom-close.html',
    paths: ['close', 'close2', 'close3'].map(page => `${share}/static/${page}.html`),
  },
  { field: 'customCssCM', key: 'custom.css', paths: [`${share}/css/custom.css`] },
  {
    field: 'customWelcomeCM',
    key: 'custom-welcome.html',
    paths: [`${share}/static/welcomePageAdditionalContent.html`],
  },
] as const

/** The files that the spec asks for, in a fixed order. */
export function pageFiles(context: Context): PageFile[] {
  const volume = (name: string) => `page-${digest(name).slice(0, 8)}`
  return [
    ...customPages(context, volume),
    ...otherFiles(context).map(({ configMap: name, key, path }) => ({
      kind: 'ConfigMap' as const,
      name,
      volume: volume(name),
      key,
      paths: [`${share}/${path}`],
    })),
  ]
}

/** The head of the page is one of ours where it names a style sheet. */
const otherFiles = ({ spec: { web } }: Context) =>
  web.files.filter(({ path }) => !(web.customCssCM && path === headFile))

const headFile = 'plugin.head.html'

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
  const { visitors, web } = context.spec
  const own = (key: string, folder: string, text: string) => [
    { key, path: `${folder}/${key}`, text },
  ]
  return [
    ...own('custom-config.js', '/config', configJs(context)),
    ...(web.customInterfaceConfigCM || web.customWelcomeCM
      ? own('custom-interface_config.js', '/config', interfaceConfigJs(context))
      : []),
    ...(web.customCssCM ? own(headFile, share, headHtml(context)) : []),
    ...(visitors.enabled
      ? own('visitors.conf', '/config/nginx-custom', visitorRoutes(context))
      : []),
    ...(web.trustedProxies.length > 0
      ? own('proxies.conf', '/config/nginx-custom', realAddresses(context))
      : []),
  ]
}

/** One file of a ConfigMap of the user's, as text; nothing where either is missing. */
function userText(context: Context, name: string | undefined, key: string): string {
  return (name && referred(context, { kind: 'ConfigMap', name })?.data?.[key]) || ''
}

/** What is appended to interface_config.js; without the switch the welcome page has no content. */
function interfaceConfigJs(context: Context): string {
  const { customInterfaceConfigCM, customWelcomeCM } = context.spec.web
  const own = userText(context, customInterfaceConfigCM?.name, 'custom-interface_config.js')
  return customWelcomeCM ? `interfaceConfig.DISPLAY_WELCOME_PAGE_CONTENT = true;\n${own}` : own
}

/**
 * What is added to the head of every page: what the user adds there, and the style sheet, after the
 * page's own. Browsers keep files with a version for a year, so it changes with the content.
 */
function headHtml(context: Context): string {
  const { customCssCM, files } = context.spec.web
  const version = digest(userText(context, customCssCM?.name, 'custom.css'))
  const head = files.find(({ path }) => path === headFile)
  return [
    userText(context, head?.configMap, head?.key ?? ''),
    `<link rel="stylesheet" href="css/custom.css?v=${version}">`,
  ].join('\n')
}

/**
 * What is appended to config.js: privacy first (no picture service, no STUN server of others, which
 * the client would use by default), then whatever the user's own ConfigMap says.
 */
export function configJs(context: Context): string {
  return [
    'config.disableThirdPartyRequests = true;',
    ...('P2P_STUN_SERVERS' in context.spec.variables ? [] : ['config.p2p.stunServers = [];']),
    ...meetingConfig(context),
    userText(context, context.spec.web.customConfigCM?.name, 'custom-config.js'),
  ].join('\n')
}
