import { Type } from '@sinclair/typebox'
import { podOverrides } from './pod-overrides.ts'
import { Section } from './schema.ts'

/** `spec.visitors`: meetings that most people only watch. */
export const VisitorsSpec = Section(
  {
    ...podOverrides,
    enabled: Type.Boolean({
      default: false,
      description:
        'Let large meetings have visitors, who watch and may ask to take part, on XMPP servers of their own.',
    }),
    replicas: Type.Integer({
      minimum: 1,
      maximum: 50,
      default: 2,
      description:
        'Number of XMPP servers for visitors. A change restarts prosody and jicofo, when nobody meets or in the maintenance window.',
    }),
    maxParticipants: Type.Integer({
      minimum: 1,
      maximum: 10000,
      default: 50,
      description: 'Whoever comes to a meeting after so many people is a visitor.',
    }),
    maxVisitorsPerServer: Type.Integer({
      minimum: 1,
      maximum: 10000,
      default: 250,
      description: 'Most visitors of one meeting on one of the servers.',
    }),
  },
  { description: 'Visitors of large meetings.' },
)
