/*
 * Every label and annotation of ours, in one place: the plan writes intents, the observer writes
 * facts, and both read what the other wrote. All of them show in `kubectl get pod -o yaml`.
 */

const domain = 'apps.jit.si'

export const annotation = {
  /** Plan: `serve` or `drain`; the observer makes the bridge agree (POST /colibri/drain/…). */
  intent: `${domain}/intent`,
  /** Plan: why the intent is what it is, a reason constant. */
  intentReason: `${domain}/intent-reason`,
  /** Plan: RFC 3339, when the drain began. */
  drainingSince: `${domain}/draining-since`,
  /** Plan: Unix seconds after which people may be moved; preStop reads it through a volume. */
  drainDeadline: `${domain}/drain-deadline`,
  /** Plan: the UDP port that the bridge holds for life. */
  port: `${domain}/udp-port`,
  /** Plan: the node that the bridge is pinned to (daemonset). */
  pinnedTo: `${domain}/pinned-to`,
  /** Plan: ports that the scheduler refused for this bridge and those it replaced. */
  portsRefused: `${domain}/udp-ports-refused`,
  /** Plan: `address#port,…` for JVB_ADVERTISE_IPS; the container starts when it is there. */
  advertise: `${domain}/advertise`,
  /**
   * Plan: the region of the bridge, where that is its node's; the container starts when it is
   * there.
   */
  region: `${domain}/region`,
  /** Plan: JSON of part → hash of the generated spec that the Pod was made with. */
  revision: `${domain}/revision`,
  /** Plan: hash of the ConfigMaps and Secrets that a Pod template reads at start. */
  content: `${domain}/content-hash`,
  /** Plan: hash of the secrets among `spec.variables` that a Pod template reads. */
  variables: `${domain}/variables-hash`,
  /** Observer: JSON, see src/api/facts.ts. */
  facts: `${domain}/facts`,
  /** Observer: JSON about the Pod's Node, see src/api/facts.ts. */
  node: `${domain}/node`,
} as const

export const label = {
  /** `jvb`, `jicofo` or `jibri`: the Pods that the observer's controller selects. */
  observe: `${domain}/observe`,
  /** The bridge's own name: what the Service of one bridge selects. */
  bridge: `${domain}/bridge`,
  /** The number of an XMPP server for visitors: what its Service selects. */
  visitors: `${domain}/visitors`,
  /** `"true"` on bridges that start or serve: the autoscaler's selector. */
  counted: `${domain}/counted`,
} as const
