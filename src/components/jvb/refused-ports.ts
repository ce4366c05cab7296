import type { Context } from '../context.ts'
import type { Bridge } from './bridge.ts'
import { portsOf } from './ports.ts'
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
): { verdicts: [string, Verdict][]; creations: Creation[] } {
  if (spec.jvb.exposure.type === 'HostNetwork') return { verdicts: [], creations: [] }
  const retried = bridges.filter(isRefused).filter(bridge => {
    const tried = new Set([...bridge.portsRefused, bridge.port])
    return portsOf(spec.jvb.ports).some(port => !tried.has(port))
  })
  return {
    verdicts: retried.map(({ name, port }) => [
      name,
      {
        action: 'remove',
        reason: why.PortTaken,
        message: `UDP port ${port} is taken on its node: another bridge tries the next port`,
      },
    ]),
    creations: retried.map(({ pinnedTo, portsRefused, port }) => ({
      pinnedTo,
      portsRefused: [...portsRefused, ...(port ? [port] : [])],
      reason: why.PortTaken,
      message: `UDP port ${port} was taken on its node`,
    })),
  }
}

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
