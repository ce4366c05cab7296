import type { JitsiSpec } from '../api/jitsi.ts'

/** A ConfigMap of the user's that a component reads at start. */
export interface ConfigMapUse {
  component: string
  name: string
  /** Those of its keys without which a Pod does not start, or starts with a folder in its place. */
  keys: readonly string[]
}

/**
 * ConfigMaps that components read: new content means new Pods, and what lacks one is left alone.
 */
export function configMapUses(spec: JitsiSpec): ConfigMapUse[] {
  const { web, prosody, jicofo, jibri, jvb, auth } = spec
  const used = (component: string, reference: { name: string } | undefined, ...keys: string[]) =>
    reference ? [{ component, name: reference.name, keys }] : []
  return [
    ...used('web', web.customConfigCM, 'custom-config.js'),
    ...used('web', web.customInterfaceConfigCM, 'custom-interface_config.js'),
    ...used('web', web.customTitleConfigCM, 'custom-title.html'),
    ...used('web', web.customBodyConfigCM, 'custom-body.html'),
    ...used('web', web.customCloseConfigCM, 'custom-close.html'),
    ...used('web', web.customCssCM, 'custom.css'),
    ...used('web', web.customWelcomeCM, 'custom-welcome.html'),
    ...web.files.flatMap(({ configMap, key }) => used('web', { name: configMap }, key)),
    ...used('prosody', prosody.customProsodyConfigCM, 'jitsi-meet.cfg.lua'),
    ...prosody.configIncludes.flatMap(include => used('prosody', include)),
    ...prosodies(spec).flatMap(part => prosody.plugins.flatMap(plugin => used(part, plugin))),
    ...(auth.type === 'ldap' ? used('prosody', auth.ldap?.caConfigMap, 'ca.crt') : []),
    ...used('jicofo', jicofo.customConfigCM, 'custom-jicofo.conf'),
    ...used('jvb', jvb.customConfigCM, 'custom-jvb.conf'),
    ...(jibri.enabled ? used('jibri', jibri.customConfigCM, 'custom-jibri.conf') : []),
  ]
}

/** Modules for every host are loaded by servers for visitors too. */
const prosodies = ({ visitors }: JitsiSpec) =>
  visitors.enabled ? ['prosody', 'visitors'] : ['prosody']
