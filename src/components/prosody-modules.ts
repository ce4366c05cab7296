import type { ModulesSpec } from '../api/prosody-spec.ts'
import type { Context } from './context.ts'
import { transcribesByProxy } from './jigasi-settings.ts'
import { listed, type TypedSetting } from './typed-settings.ts'

/** The setting that names the modules of each part of prosody. */
const settings: [keyof ModulesSpec, string][] = [
  ['server', 'GLOBAL_MODULES'],
  ['domain', 'XMPP_MODULES'],
  ['rooms', 'XMPP_MUC_MODULES'],
  ['lobby', 'XMPP_LOBBY_MUC_MODULES'],
  ['breakoutRooms', 'XMPP_BREAKOUT_MUC_MODULES'],
]

/** Modules of prosody: those of `variables`, those that fields need, and those that are named. */
export function moduleSettings({ spec }: Context): TypedSetting[] {
  const needed: Partial<ModulesSpec> = { rooms: roomModules(spec) }
  return settings.flatMap(([part, name]) => {
    const modules = [...(needed[part] ?? []), ...spec.prosody.modules[part]]
    if (modules.length === 0) return []
    return [{ name, value: listed(spec.variables[name], modules), field: undefined }]
  })
}

/** Modules of meeting rooms that other fields need. */
function roomModules(spec: Context['spec']): string[] {
  const { moderators, waitForHost } = spec.meetings
  return [
    ...(moderators === 'everyone' ? ['muc_allowners'] : []),
    ...(moderators === 'token' ? ['token_affiliation'] : []),
    ...(waitForHost ? ['muc_wait_for_host'] : []),
    // Without it browsers go on to call jigasi when somebody asks for captions.
    ...(transcribesByProxy(spec) ? ['force_async_transcription'] : []),
  ]
}
