import { childName } from '../kube/names.ts'
import type { Context } from './context.ts'
import type { TypedSetting } from './typed-settings.ts'

/*
 * Visitors are on XMPP servers of their own. Jicofo sends whoever comes to a full meeting to one of
 * them, by its number; prosody and that server tell each other what happens in the meeting.
 */

/** The number of each server for visitors. */
export const visitorServers = ({ spec: { visitors } }: Context): number[] =>
  visitors.enabled ? Array.from({ length: visitors.replicas }, (_, index) => index) : []

/** Names of the objects of one server: the number at their end is all in which they differ. */
export const visitorsName = ({ instance }: Context, index: number | string) =>
  `${childName(instance, 'visitors-00').slice(0, -2)}${index}`

/** A Service's whole name: prosody and nginx resolve names themselves, without search domains. */
export const wholeName = ({ namespace, spec }: Context, service: string) =>
  `${service}.${namespace}.svc.${spec.clusterDomain}`

/** The servers in the form of VISITORS_XMPP_SERVER, which means another port to each reader. */
export const visitorAddresses = (context: Context, port: number) =>
  visitorServers(context)
    .map(index => `${wholeName(context, visitorsName(context, index))}:${port}`)
    .join(',')

/** Where jicofo logs in, as it does at prosody. */
const xmppPort = 5222

/**
 * What prosody, the servers, jicofo and jigasi must know of visitors; nothing where there are none.
 */
export function visitorSettings(context: Context): TypedSetting[] {
  const { enabled, maxParticipants, maxVisitorsPerServer } = context.spec.visitors
  if (!enabled) return []
  const typed = (field: string, name: string, value: string) => ({
    name,
    value,
    field: `spec.visitors.${field}`,
  })
  return [
    typed('enabled', 'ENABLE_VISITORS', '1'),
    typed('replicas', 'VISITORS_XMPP_SERVER', visitorAddresses(context, xmppPort)),
    typed('maxParticipants', 'VISITORS_MAX_PARTICIPANTS', String(maxParticipants)),
    typed('maxVisitorsPerServer', 'VISITORS_MAX_VISITORS_PER_NODE', String(maxVisitorsPerServer)),
  ]
}

/**
 * Settings of prosody's image that are for the meetings alone: how people log in, and modules that
 * would make moderators of visitors. A server for visitors lets them in when jicofo sent them.
 */
export const forMeetingsOnly = (name: string) =>
  /^(AUTH_TYPE|VISITORS_XMPP_SERVER|(JWT|LDAP|MATRIX)_.*|XMPP_.*(MODULES|CONFIGURATION))$/.test(
    name,
  )
