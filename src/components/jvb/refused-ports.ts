import type { Context } from '../context.ts'
import { mostNewPods } from '../new-pods.ts'
import type { Bridge } from './bridge.ts'
import type { Ports } from './ports.ts'
import { type Creation, type Verdict, bridgeReason as why } from './verdict.ts'

/** The scheduler's words for a host port that something else holds on every node left. */
const refusal = "didn't have free ports"

/**
 * Bridges that the scheduler refuses for their port, each replaced by one with another port. What
 * others hold on a node, another Jitsi or another program, shows nowhere else. With HostNetwork it
 * is most likely the private port, which no other UDP port helps against, so those wait.
 */
export function refusedPorts(
  { spec }: Context,
  bridges: readonly Bridge[],
  ports: Ports,
): { verdicts: [string, Verdict][]; creations: Creation[] } {
  if (spec.jvb.exposure.type === 'HostNetwork') return { verdicts: [], creations: [] }
  const retried = bridges
    .filter(bridge => isRefused(bridge) && takesAnother(bridge, ports))
    // One that goes without another in its place takes along what it has tried.
    .slice(0, mostNewPods)
  return {
    verdicts: retried.map(({ name, port }) => [
      name,
      {
        action: 'remove',
        reason: why.PortTaken,
        message: `UDP port ${port} is taken on its node: another bridge tries the next port`,
      },
    ]),
    creations: retried.map(bridge => ({
      pinnedTo: bridge.pinnedTo,
      portsRefused: triedBy(bridge),
      reason: why.PortTaken,
      message: `UDP port ${bridge.port} was taken on its node`,
    })),
  }
}

/**
 * Is there a port for the one that would take its place? Where our own bridges hold all others, the
 * Pod waits: removed, it would take along the memory of what was refused, and the next one would
 * begin with the same port.
 */
function takesAnother(bridge: Bridge, { choose, take }: Ports): boolean {
  const port = choose({ node: bridge.pinnedTo, refused: triedBy(bridge) })
  if (port === undefined) return false
  take({ node: bridge.pinnedTo, port })
  return true
}

const triedBy = ({ portsRefused, port }: Bridge) => [...portsRefused, ...(port ? [port] : [])]

/** Is it waiting because its port is taken? */
export function isRefused({ state, pod, intent }: Bridge): boolean {
  return (
    state === 'Pending' &&
    intent === 'serve' &&
    (pod.status?.conditions ?? []).some(
      ({ type, status, message }) =>
        type === 'PodScheduled' && status === 'False' && message?.includes(refusal) === true,
    )
  )
}
