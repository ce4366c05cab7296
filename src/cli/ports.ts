import type { JitsiStatus, PortStatus } from '../api/jitsi-status.ts'
import { contextOf } from '../core/context.ts'
import { portsStatus } from '../core/firewall.ts'
import { specProblems } from '../core/problems.ts'
import { isRecord } from '../kube/record.ts'
import type { KubeObject } from '../kube/types.ts'
import { brokenRules } from './broken-rules.ts'
import { jitsisOf } from './documents.ts'
import { Mistake } from './mistake.ts'

/** One line for whoever keeps the firewall. */
export interface FirewallRule extends PortStatus {
  jitsi: string
}

/**
 * The ports that the firewall must let in, for every Jitsi in a file: from its status where it has
 * one (`kubectl get jitsi -o yaml`), else from its spec, if an API server would take it and the
 * plan act on it.
 */
export async function firewallRules(file: string): Promise<FirewallRule[]> {
  const jitsis = await jitsisOf(file)
  return jitsis.flatMap(jitsi => {
    const { namespace = 'default', name } = jitsi.metadata
    return portsOf(jitsi).map(port => ({ jitsi: `${namespace}/${name}`, ...port }))
  })
}

/** The rules as a table with one line each. */
export function rulesTable(rules: readonly FirewallRule[]): string {
  const rows = [
    ['JITSI', 'PROTOCOL', 'PORTS', 'TO'],
    ...rules.map(({ jitsi, protocol, from, to, target }) => [
      jitsi,
      protocol,
      from === to ? String(from) : `${from}-${to}`,
      target,
    ]),
  ]
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
    .concat('\n')
}

function portsOf(jitsi: KubeObject): PortStatus[] {
  const { ports } = (isRecord(jitsi.status) ? jitsi.status : {}) as JitsiStatus
  if (ports) return ports
  const context = contextOf({ parent: jitsi, children: {} }, new Date(0))
  const [problem] = specProblems(context).fatal
  if (problem) {
    throw new Mistake(`${jitsi.metadata.name}: ${problem.reason}: ${problem.message}`)
  }
  const broken = brokenRules(context.spec)
  if (broken.length > 0) {
    throw new Mistake(broken.map(rule => `${jitsi.metadata.name}: ${rule}`).join('\n'))
  }
  return portsStatus(context, [])
}
