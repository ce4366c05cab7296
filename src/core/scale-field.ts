import type { JitsiStatus } from '../api/jitsi-status.ts'
import type { Context } from '../components/context.ts'
import { timeText } from '../kube/conditions.ts'
import { isRecord } from '../kube/hash.ts'
import type { KubeObject } from '../kube/types.ts'

/*
 * The count of bridges where a HorizontalPodAutoscaler decides: it writes the scale field, and so
 * does everybody who applies a manifest.
 */

/** Our own default for shrinking: one bridge or a tenth, every five minutes. */
const shrinkSeconds = 300

/**
 * How long an autoscaler with its own pace must ask for fewer. It looks every 15 s, and after its
 * scale field was reset by hand it first asks for its minimum, before it has looked at the load.
 */
const confirmSeconds = 60

/** The count to follow, what status must remember for that, and when time alone changes it. */
export interface Followed {
  desired: number
  remembered: Record<string, unknown>
  lookAgainSeconds: number | undefined
}

/**
 * The count from the scale field, which the autoscaler writes. Whoever applies a manifest without
 * it resets it to its default, so a fall counts only where the autoscaler itself asks for it: for a
 * while, if the spec says how fast to shrink, else no faster than our default.
 */
export function followScaleField(
  context: Context,
  { minReplicas, maxReplicas }: { minReplicas: number; maxReplicas: number },
): Followed {
  const { jitsi, spec, now } = context
  const { fleet } = (isRecord(jitsi.status) ? jitsi.status : {}) as JitsiStatus
  const current = fleet?.desired ?? 0
  const asked = observedAutoscaler(context)?.status?.desiredReplicas
  const { replicas } = spec.jvb.strategy
  const wanted = Math.max(replicas, asked ?? current)
  const within = Math.min(Math.max(wanted, minReplicas), Math.max(minReplicas, maxReplicas))
  const { shrunkAt, fallingSince } = rememberedOf(context)
  if (within >= current || current > maxReplicas) {
    return {
      desired: within,
      remembered: typeof shrunkAt === 'string' ? { shrunkAt } : {},
      lookAgainSeconds: undefined,
    }
  }
  return spec.jvb.autoscaling.behavior === undefined
    ? shrinkByOurPace(now, { current, within, since: shrunkAt })
    : shrinkWhenConfirmed(now, { current, within, since: fallingSince })
}

/** A fall from one count to another, and the time that status remembers of it. */
interface Fall {
  current: number
  within: number
  since: unknown
}

const secondsSince = (time: unknown, now: Date) =>
  typeof time === 'string' ? (now.getTime() - new Date(time).getTime()) / 1000 : undefined

function shrinkByOurPace(now: Date, { current, within, since }: Fall): Followed {
  const waited = secondsSince(since, now) ?? shrinkSeconds
  if (waited < shrinkSeconds) {
    return {
      desired: current,
      remembered: { shrunkAt: since },
      lookAgainSeconds: shrinkSeconds - waited,
    }
  }
  const step = Math.max(1, Math.floor(current / 10))
  return {
    desired: Math.max(within, current - step),
    remembered: { shrunkAt: timeText(now) },
    lookAgainSeconds: shrinkSeconds,
  }
}

function shrinkWhenConfirmed(now: Date, { current, within, since }: Fall): Followed {
  const waited = secondsSince(since, now)
  if (waited !== undefined && waited >= confirmSeconds) {
    return { desired: within, remembered: {}, lookAgainSeconds: undefined }
  }
  return {
    desired: current,
    remembered: { fallingSince: waited === undefined ? timeText(now) : since },
    lookAgainSeconds: confirmSeconds - (waited ?? 0),
  }
}

/** What status remembered of the autoscaling. */
export function rememberedOf({ jitsi }: Context): Record<string, unknown> {
  const { autoscaling } = isRecord(jitsi.status) ? jitsi.status : {}
  return isRecord(autoscaling) ? autoscaling : {}
}

interface ObservedAutoscaler extends KubeObject {
  status?: {
    desiredReplicas?: number
    conditions?: { type: string; status: string; reason?: string; message?: string }[]
  }
}

/** The HorizontalPodAutoscaler as it is observed, with what it has decided. */
export const observedAutoscaler = ({ observed }: Context) =>
  observed.all.find(({ kind }) => kind === 'HorizontalPodAutoscaler') as
    | ObservedAutoscaler
    | undefined
