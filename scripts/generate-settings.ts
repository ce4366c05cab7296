/*
 * Reads a checkout of docker-jitsi-meet and writes src/settings/<release>.ts: the settings that
 * each image of that release reads, with the type that the image takes them for.
 *
 *   npm run settings -- PATH/TO/docker-jitsi-meet stable-11146-2
 *
 * An image reads a setting in a template (`.Env.NAME`) or in a shell script (`$NAME`). What a
 * script assigns before it reads it is its own variable. Names that come from elsewhere (the JVM's
 * start scripts in the Debian packages, s6, the C library) are listed below by hand.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type SettingType = 'boolean' | 'flag' | 'integer' | 'string'

interface Image {
  /** Folders whose files make up the image. */
  readonly folders: readonly string[]
  /** Templates that this use of the image never renders, scripts that run only in its build. */
  readonly unused?: RegExp
  /** Names that are read outside of the checkout. */
  readonly others: readonly string[]
}

/** Every process: the C library, and s6-overlay 3 as its documentation lists it. */
const everywhere = [
  'TZ',
  'S6_BEHAVIOUR_IF_STAGE2_FAILS',
  'S6_CMD_RECEIVE_SIGNALS',
  'S6_CMD_WAIT_FOR_SERVICES',
  'S6_CMD_WAIT_FOR_SERVICES_MAXTIME',
  'S6_KEEP_ENV',
  'S6_KILL_FINISH_MAXTIME',
  'S6_KILL_GRACETIME',
  'S6_LOGGING',
  'S6_LOGGING_SCRIPT',
  'S6_READ_ONLY_ROOT',
  'S6_SERVICES_GRACETIME',
  'S6_SERVICES_READYTIME',
  'S6_STAGE2_HOOK',
  'S6_SYNC_DISKS',
  'S6_VERBOSITY',
]

/** The JVM itself, the start scripts of the Debian packages, and Sentry's library. */
const java = [
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'SENTRY_DSN',
  'SENTRY_ENVIRONMENT',
  'SENTRY_RELEASE',
]

/**
 * Jigasi's one image serves as SIP gateway and as transcriber, prosody's for meetings and for their
 * visitors; a mode renders its own templates.
 */
const images: Record<string, Image> = {
  web: { folders: ['web'], others: [] },
  prosody: { folders: ['prosody'], others: [] },
  visitors: { folders: ['prosody'], unused: /^(jitsi-meet|brewery)\.cfg\.lua/, others: [] },
  jicofo: {
    folders: ['jicofo'],
    others: [...java, 'JICOFO_MAX_MEMORY'],
  },
  jvb: {
    folders: ['jvb'],
    others: [...java, 'VIDEOBRIDGE_DEBUG_OPTIONS', 'VIDEOBRIDGE_GC_TYPE', 'VIDEOBRIDGE_MAX_MEMORY'],
  },
  jibri: { folders: ['jibri'], unused: /^install-chrome/, others: java.slice(0, 2) },
  jigasi: {
    folders: ['jigasi'],
    unused: /^transcriber-/,
    others: [...java, 'JIGASI_MAX_MEMORY'],
  },
  transcriber: {
    folders: ['jigasi'],
    unused: /^sipserver-/,
    others: [...java, 'JIGASI_MAX_MEMORY'],
  },
}

/** Numbers by default, but nginx takes words and units for them too. */
const wordsToo = new Set(['NGINX_KEEPALIVE_TIMEOUT', 'NGINX_WORKER_PROCESSES'])

/** One place where an image reads a setting, and what it takes it for there. */
interface Reading {
  readonly name: string
  readonly type: SettingType | undefined
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

/** Whether an action is nothing but the question whether the setting is there. */
const isGuard = (action: string) => /^-?\s*(else\s+)?if\s+\.Env\.\w+\s*-?$/.test(action)

function typeInTemplate(action: string, name: string): SettingType | undefined {
  if (isGuard(action)) return undefined
  const read = `\\.Env\\.${name}\\b`
  const orElse = '(\\|\\s*default\\s+(\\([^)]*\\)|"[^"]*"|\\S+)\\s*)?'
  if (new RegExp(`${read}\\s*${orElse}\\|\\s*toBool`).test(action)) return 'boolean'
  const fallback = new RegExp(`${read}\\s*\\|\\s*default\\s+"?(\\d+)"?\\s*-?$`).exec(action)
  // 0 and 1 say nothing: they are also how a switch is written.
  return Number(fallback?.[1]) > 1 && !wordsToo.has(name) ? 'integer' : 'string'
}

function readingsOfTemplate(text: string): Reading[] {
  return [...text.matchAll(/\{\{(.*?)\}\}/gs)].flatMap(([, action = '']) =>
    [...action.matchAll(/(?:\.Env|\$ENV)\.([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => ({
      name,
      type: typeInTemplate(action.trim(), name),
    })),
  )
}

/**
 * Names that a script assigns before it reads them. `indent` is what may stand before the
 * assignment: nothing, for those that are assigned whatever the settings are.
 */
function ownVariables(text: string, indent: '' | '[ \\t]*'): Set<string> {
  const own = new Set<string>()
  const start = `^${indent}(?:export\\s+)?`
  for (const [, name = ''] of text.matchAll(new RegExp(`${start}([A-Z][A-Z0-9_]*)\\+?=`, 'gm'))) {
    const assigned = text.search(new RegExp(`${start}${name}\\+?=`, 'm'))
    const read = text.search(new RegExp(`\\$\\{?${name}\\b`))
    if (read === -1 || assigned < text.lastIndexOf('\n', read) + 1) own.add(name)
  }
  return own
}

/** `[[ $NAME -eq 1 ]]`: bash takes the word `true` for an unset variable here, that is for 0. */
const comparesWithOne = (text: string, name: string) =>
  new RegExp(`\\$\\{?${name}\\}?"?\\s+-(eq|ne)\\s+1\\b`).test(text)

function readingsOfScript(text: string): Reading[] {
  const code = text.replaceAll(/^\s*#.*$/gm, '')
  const own = ownVariables(code, '[ \\t]*')
  return [...new Set([...code.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map(match => match[1] ?? ''))]
    .filter(name => !own.has(name))
    .map(name => ({ name, type: comparesWithOne(code, name) ? ('flag' as const) : undefined }))
}

/** The strictest type that every reading agrees to. */
function typeOf(readings: readonly Reading[]): SettingType {
  const types = new Set(readings.map(reading => reading.type).filter(type => type !== undefined))
  if (types.has('flag')) return 'flag'
  const [only = 'string'] = types
  return types.size > 1 ? 'string' : only
}

/** Not settings: what the container runtime or a script sets, and a host's folder in messages. */
const notSettings = new Set([
  'CONFIG',
  'HOME',
  'HOSTNAME',
  'JIBRI_VERSION',
  'JIGASI_VERSION',
  'JVB_VERSION',
])

function settingsOf(checkout: string, image: Image): Map<string, SettingType> {
  const files = image.folders
    .flatMap(folder => filesBelow(join(checkout, folder, 'rootfs')))
    .filter(file => !image.unused?.test(file.split('/').at(-1) ?? ''))
    .map(file => readFileSync(file, 'utf8'))
  const scripts = files.filter(text => /^#!.*\b(ba)?sh\b/.test(text))
  const templates = files.filter(text => text.includes('{{') && !scripts.includes(text))
  const set = new Set(scripts.flatMap(text => [...ownVariables(text, '')]))
  const readings = [
    ...templates.flatMap(readingsOfTemplate).filter(({ name }) => !set.has(name)),
    ...scripts.flatMap(readingsOfScript),
    ...[...everywhere, ...image.others].map(name => ({ name, type: 'string' as const })),
  ].filter(({ name }) => !notSettings.has(name))
  const names = [...new Set(readings.map(({ name }) => name))].sort()
  return new Map(
    names.map(name => [name, typeOf(readings.filter(reading => reading.name === name))]),
  )
}

function source(checkout: string, release: string): string {
  const components = Object.entries(images).map(([component, image]) => {
    const lines = [...settingsOf(checkout, image)].map(([name, type]) => `${name}: '${type}',`)
    return `${component}: {\n${lines.join('\n')}\n},`
  })
  return `// Generated by scripts/generate-settings.ts from docker-jitsi-meet ${release}; do not edit.
import type { KnownSettings } from './known-settings.ts'

export const settings: KnownSettings = {
${components.join('\n')}
}
`
}

function run([checkout, release]: string[]): void {
  if (!checkout || !release || !existsSync(join(checkout, 'jvb/rootfs'))) {
    throw new Error('usage: generate-settings CHECKOUT-OF-docker-jitsi-meet RELEASE')
  }
  // npm runs scripts in the folder of package.json.
  const file = join('src/settings', `${release}.ts`)
  writeFileSync(file, source(checkout, release))
  execFileSync('npx', ['biome', 'check', '--write', file], { stdio: 'inherit' })
}

run(process.argv.slice(2))
