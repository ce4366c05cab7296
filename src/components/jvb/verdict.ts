/** What happens to one bridge, with the reason that people and metrics see. */
export type Verdict = { reason: string; message: string } & (
  | { action: 'drain' }
  | { action: 'serve' }
  | { action: 'remove' }
)

/** A bridge to be made. */
export interface Creation {
  pinnedTo: string | undefined
  portsRefused: readonly number[]
  reason: string
  message: string
}

/** A bridge to be made in a place, of which nobody knows a port that was refused. */
export const creationIn = (
  { pinnedTo }: { pinnedTo: string | undefined },
  reason: string,
  message: string,
): Creation => ({ pinnedTo, portsRefused: [], reason, message })

/** Why bridges are made, drained, taken back, removed or left: stable words with their meaning. */
export const bridgeReason = {
  /** Fewer bridges than wanted. */
  ScaleOut: 'ScaleOut',
  /** More bridges than wanted: the one with the fewest people goes. */
  ScaleIn: 'ScaleIn',
  /** The load is back: a draining bridge serves again before a new one is started. */
  TakenBack: 'TakenBack',
  /** The node is cordoned or about to be removed, or does not match any more. */
  NodeLeaving: 'NodeLeaving',
  /** Made from an older spec; a new bridge takes its place first. */
  Rollout: 'Rollout',
  /** Drained and seen empty twice. */
  Drained: 'Drained',
  /** Nobody was ever on it. */
  NeverServed: 'NeverServed',
  /** It has not been well for long, and as many as are wanted serve without it. */
  Unwell: 'Unwell',
  /** The Pod ended; a new one takes its place. */
  PodEnded: 'PodEnded',
  /**
   * Past the deadline: it is removed, and jicofo, if it answers, moves its people to other bridges.
   */
  Evacuated: 'Evacuated',
  /** Silent for ten minutes, and jicofo dropped it too; or as long alone without XMPP. */
  Lost: 'Lost',
  /** The scheduler found its port taken on the node; one with the next port takes its place. */
  PortTaken: 'PortTaken',
  /** All bridges that answer lost XMPP at once, so it is not theirs: they are left as they are. */
  AllBridgesUnjoined: 'AllBridgesUnjoined',
} as const
