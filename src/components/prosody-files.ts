import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.js'
import { ldapCaPath } from './auth-settings.ts'
import type { Reference } from './content.ts'
import type { Context } from './context.ts'
import { usesOf } from './references.ts'

/** What a prosody reads at start beside its settings. */
export interface ProsodyFiles {
  /** Everything whose content restarts it: ConfigMaps, and Secrets. */
  references: Reference[]
  volumes: Volume[]
  mounts: VolumeMount[]
}

/** Files and Secrets of the prosody of meetings. */
export function prosodyFiles(context: Context): ProsodyFiles {
  const { prosody, auth } = context.spec
  const ca = auth.type === 'ldap' ? auth.ldap?.caConfigMap : undefined
  const parts = [
    // The image renders its own template over /config/conf.d/jitsi-meet.cfg.lua.
    one('config', prosody.customProsodyConfigCM, {
      mountPath: '/defaults/conf.d/jitsi-meet.cfg.lua',
      subPath: 'jitsi-meet.cfg.lua',
    }),
    one('ldap-ca', ca, { mountPath: ldapCaPath }),
    // The image copies what is there beside its own.
    several('includes', prosody.configIncludes, '/config/conf.d'),
    plugins(context),
  ]
  return { ...mounted(parts), references: usedBy(context, 'prosody') }
}

/** Files and Secrets of the servers for visitors. */
export function visitorFiles(context: Context): ProsodyFiles {
  return { ...mounted([plugins(context)]), references: usedBy(context, 'visitors') }
}

/** The first place where the image looks for modules. */
const plugins = ({ spec }: Context) =>
  several('plugins', spec.prosody.plugins, '/prosody-plugins-custom')

type Named = { name: string }
type Part = { volume: Volume; mount: VolumeMount } | undefined

function one(name: string, source: Named | undefined, mount: Omit<VolumeMount, 'name'>): Part {
  return (
    source && {
      volume: { name, configMap: { name: source.name, defaultMode: 420 } },
      mount: { name, ...mount, readOnly: true },
    }
  )
}

function several(name: string, configMaps: readonly Named[], mountPath: string): Part {
  if (configMaps.length === 0) return undefined
  const sources = configMaps.map(configMap => ({ configMap: { name: configMap.name } }))
  return {
    volume: { name, projected: { defaultMode: 420, sources } },
    mount: { name, mountPath, readOnly: true },
  }
}

function mounted(parts: Part[]): Pick<ProsodyFiles, 'volumes' | 'mounts'> {
  const used = parts.filter(part => part !== undefined)
  return { volumes: used.map(({ volume }) => volume), mounts: used.map(({ mount }) => mount) }
}

const usedBy = ({ spec }: Context, component: string): Reference[] =>
  usesOf(spec).filter(use => use.component === component)
