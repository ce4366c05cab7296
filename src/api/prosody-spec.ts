import { type Static, Type } from '@sinclair/typebox'
import { PersistenceSpec } from './persistence-spec.ts'
import { podOverrides } from './pod-overrides.ts'
import { ConfigMapFile, ObjectReference, Section } from './schema.ts'

const Modules = (where: string) =>
  Type.Array(Type.String({ pattern: '^[a-z0-9_-]+$', description: 'Name, without mod_.' }), {
    default: [],
    maxItems: 30,
    description: `Modules to add to ${where}.`,
  })

const ModulesSpec = Section(
  {
    server: Modules('every host (GLOBAL_MODULES)'),
    domain: Modules('the domain of people (XMPP_MODULES)'),
    rooms: Modules('meeting rooms (XMPP_MUC_MODULES)'),
    lobby: Modules('lobby rooms (XMPP_LOBBY_MUC_MODULES)'),
    breakoutRooms: Modules('breakout rooms (XMPP_BREAKOUT_MUC_MODULES)'),
  },
  {
    description:
      'Modules of prosody to load beside those of the image: from `plugins`, or of jitsi-contrib/prosody-plugins, which the image has.',
  },
)
export type ModulesSpec = Static<typeof ModulesSpec>

const ConfigMaps = (description: string) =>
  Type.Array(ObjectReference(), { default: [], maxItems: 20, description })

/** `spec.prosody`: the XMPP server. */
export const ProsodySpec = Section(
  {
    ...podOverrides,
    customProsodyConfigCM: ConfigMapFile(
      'jitsi-meet.cfg.lua',
      'replaces the whole configuration of the XMPP hosts',
    ),
    configIncludes: ConfigMaps(
      'ConfigMaps whose keys end in .cfg.lua: files that prosody includes. Each begins with options for all hosts.',
    ),
    plugins: ConfigMaps(
      'ConfigMaps of modules of your own: keys such as mod_example.lua, found before those of the image. `modules` says where to load them.',
    ),
    modules: ModulesSpec,
    persistence: PersistenceSpec('the accounts of people (auth.type internal)', '1Gi'),
  },
  { description: 'Prosody, the XMPP server: every other component connects to it.' },
)
