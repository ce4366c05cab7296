import { BlockList, isIP, isIPv6 } from 'node:net'
import { childName } from '../kube/names.ts'
import { bridgeReading } from '../observer/bridge-facts.ts'
import { type Carried, loadsOf } from './spare.ts'

/*
 * The load of a fleet as one number, for autoscalers that ask over HTTP (kube-metrics-adapter's
 * json-path collector, KEDA's metrics-api scaler). It is whole or it is not given: a sum that
 * lacks a bridge reads as less load, and would drain bridges that are in use.
 */

/** How the answer is found out; tests bring their own. */
export interface LoadEdges {
  /** Every address behind a name; rejects where there is none, or when the deadline passes. */
  addresses: (host: string, deadline: AbortSignal) => Promise<string[]>
  /** GET of JSON; rejects unless the answer is 200. `code` of the error tells a refusal. */
  readJson: (url: string, deadline: AbortSignal) => Promise<unknown>
  /** One deadline for the name and all bridges. */
  deadline: () => AbortSignal
}

/** The load of the bridges that take meetings. */
export interface Load {
  /**
   * Sum of the stress of all of them and of what draining bridges still carry, with the spare room
   * asked for; 1 is one full bridge.
   */
  stress: number
  bridges: number
  participants: number
  /** Bridges that wait for their meetings to end. */
  draining: number
  /** Bridges that run but do not listen yet; they carry nobody. */
  starting: number
}

/** Whose bridges to ask. */
export interface LoadQuery {
  readonly namespace: string
  readonly jitsi: string
}

/** Why there is no number: 404 for what cannot be a Jitsi, 503 while something is unknown. */
export interface NoLoad {
  readonly status: 404 | 503
  readonly message: string
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Nothing that belongs to the machine itself: a Service may be written to point anywhere. */
const ownMachine = new BlockList()
ownMachine.addSubnet('0.0.0.0', 8)
ownMachine.addSubnet('127.0.0.0', 8)
ownMachine.addSubnet('169.254.0.0', 16)
ownMachine.addSubnet('224.0.0.0', 3)
ownMachine.addSubnet('::', 127, 'ipv6')
ownMachine.addSubnet('fe80::', 10, 'ipv6')
ownMachine.addSubnet('ff00::', 8, 'ipv6')

/** Addresses of Pods and nodes pass, those of the machine, of link and multicast do not. */
export function isForeign(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && !ownMachine.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** A Service may be written to point at the whole network, and nobody makes us call that. */
const mostAsked = 1000

/** Bridges asked at the same time. */
const atOnce = 64

const bridgePort = 8080

/** What one bridge said: figures alone, since all are held until the last has answered. */
type Seen = { state: 'serving' | 'draining'; carried: Carried } | { state: 'starting' }

/** What every bridge of one Jitsi said. */
export interface SeenBridges {
  readonly bridges: readonly Seen[]
}

/** There is no number now, and there may be one soon. */
export const unknown = (message: string): NoLoad => ({ status: 503, message })

/**
 * What the bridges behind the headless Service of one Jitsi say, all of them or none. The names are
 * checked first, so that nothing else in the cluster can be asked for; of what answers, only the
 * figures of a bridge are ever given on.
 */
export async function seenBridges(
  { namespace, jitsi }: LoadQuery,
  edges: LoadEdges,
): Promise<SeenBridges | NoLoad> {
  if (!label.test(namespace) || !label.test(jitsi)) {
    return { status: 404, message: 'There is no Jitsi of this name.' }
  }
  const host = `${childName(jitsi, 'jvb')}.${namespace}.svc`
  const deadline = edges.deadline()
  const found = await edges.addresses(host, deadline).catch(() => [])
  if (deadline.aborted) return unknown(`${host} was not looked up in time; ask again.`)
  const addresses = [...new Set(found)].sort()
  if (addresses.length === 0) return unknown(`${host} has no address: no bridge is known.`)
  if (addresses.length > mostAsked) {
    return unknown(
      `${host} has ${addresses.length} addresses, and no more than ${mostAsked} bridges are asked: use metric.source stress, which asks none.`,
    )
  }
  if (!addresses.every(isForeign)) {
    return unknown(`The addresses of ${host} are not those of bridges.`)
  }
  const seen = await askAll(addresses, edges, deadline)
  const silent = addresses.filter((_, index) => seen[index] === undefined)
  if (silent.length > 0) return unknown(`No answer from ${shown(silent)}.`)
  return { bridges: seen.filter(one => one !== undefined) }
}

const shown = (addresses: string[]) =>
  addresses.length > 5
    ? `${addresses.slice(0, 5).join(', ')} and ${addresses.length - 5} more`
    : addresses.join(', ')

async function askAll(
  addresses: string[],
  edges: LoadEdges,
  deadline: AbortSignal,
): Promise<(Seen | undefined)[]> {
  const seen: (Seen | undefined)[] = []
  for (let from = 0; from < addresses.length; from += atOnce) {
    const group = addresses.slice(from, from + atOnce)
    seen.push(...(await Promise.all(group.map(address => ask(address, edges, deadline)))))
  }
  return seen
}

/** What one bridge says; undefined where that is not certain. */
async function ask(
  address: string,
  { readJson }: LoadEdges,
  deadline: AbortSignal,
): Promise<Seen | undefined> {
  const host = isIPv6(address) ? `[${address}]` : address
  try {
    const body = await readJson(`http://${host}:${bridgePort}/metrics`, deadline)
    const reading = bridgeReading(body)
    if (!reading) return undefined
    const { drain_mode: drains, stress, local_endpoints: participants } = reading
    return { state: drains ? 'draining' : 'serving', carried: { stress, participants } }
  } catch (error) {
    // Refused: the address is there, and no bridge listens at it, so none carries media either.
    return isRefusal(error) ? { state: 'starting' } : undefined
  }
}

const isRefusal = (error: unknown) => (error as { code?: unknown } | null)?.code === 'ECONNREFUSED'

/** The load of bridges that were seen, with room for so many participants more. */
export function loadOf({ bridges }: SeenBridges, spare: number): Load | NoLoad {
  const of = (state: 'serving' | 'draining') =>
    bridges.flatMap(one => (one.state === state ? [one.carried] : []))
  const [serving, draining] = [of('serving'), of('draining')]
  // Nobody listening is also what a wall between us and the bridges looks like.
  if (serving.length === 0) return unknown('No bridge takes meetings.')
  const loads = loadsOf(serving, draining, String(spare))
  return {
    stress: Number((loads.reduce((sum, load) => sum + load, 0) / 100).toFixed(3)),
    bridges: serving.length,
    participants: serving.reduce((sum, { participants }) => sum + participants, 0),
    draining: draining.length,
    starting: bridges.filter(({ state }) => state === 'starting').length,
  }
}
