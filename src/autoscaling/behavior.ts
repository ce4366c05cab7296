import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { StringEnum } from '../api/schema.ts'

const Policy = Type.Object({
  type: StringEnum(['Pods', 'Percent']),
  /** How many bridges, or per cent of those at the beginning of the period, at most. */
  value: Type.Integer({ minimum: 1 }),
  periodSeconds: Type.Integer({ minimum: 1, maximum: 1800 }),
})

const Rules = Type.Object({
  /** Growing takes the lowest, shrinking the highest recommendation of so many seconds. */
  stabilizationWindowSeconds: Type.Integer({ minimum: 0, maximum: 3600 }),
  /** Which of the policies counts: the one that allows most, least, or none at all. */
  selectPolicy: StringEnum(['Max', 'Min', 'Disabled']),
  policies: Type.Array(Policy, { minItems: 1 }),
  /** How far the ratio of figure and target may be off 1; 0.1 where it is not given. */
  tolerance: Type.Optional(Type.Union([Type.String(), Type.Number()])),
})
export type ScalingRules = Static<typeof Rules>

/** `behavior` of an autoscaling/v2 HorizontalPodAutoscaler with every default written out. */
export interface Behavior {
  scaleUp: ScalingRules
  scaleDown: ScalingRules
}

/**
 * How a fleet of bridges moves unless the spec says otherwise.
 *
 * Up without delay: an 8:00 bell fills a school's bridges in five minutes, and a new bridge takes
 * one or two to be of use. Doubling, or four at once, every 15 seconds lets two bridges become
 * sixteen within a minute.
 *
 * Down after twenty minutes, a quarter of the fleet in two: the window spans the long break between
 * two lessons. Bridges that are missing when the bell rings are replaced in a minute or two, but by
 * then jicofo has spread every meeting over those that come, and the relays between them take more
 * than the bridges would have.
 */
export const defaultBehavior: Behavior = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 1200,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 1, periodSeconds: 120 },
      { type: 'Percent', value: 25, periodSeconds: 120 },
    ],
  },
}

/** What `spec.jvb.autoscaling` says about it. */
export interface BehaviorSpec {
  readonly behavior?: Record<string, unknown>
  readonly tolerance?: string
}

function rulesOf(own: unknown, defaults: ScalingRules, tolerance: string | undefined) {
  const given = typeof own === 'object' && own !== null ? own : {}
  const rules = { ...defaults, ...(tolerance === undefined ? {} : { tolerance }), ...given }
  return Value.Check(Rules, rules) ? rules : undefined
}

/**
 * The rules in force: each field of the spec's `behavior` in the place of ours. Rules that the API
 * server would refuse are no rules, so ours stay; `behaviorProblems` names them.
 */
export function behaviorOf({ behavior, tolerance }: BehaviorSpec): Behavior {
  const { scaleUp, scaleDown } = defaultBehavior
  return {
    scaleUp: rulesOf(behavior?.scaleUp, scaleUp, tolerance) ?? scaleUp,
    scaleDown: rulesOf(behavior?.scaleDown, scaleDown, tolerance) ?? scaleDown,
  }
}

/** The members of `behavior` that are not what an HPA accepts: a direction, or what is none. */
export function behaviorProblems({ behavior = {} }: BehaviorSpec): string[] {
  const directions = ['scaleUp', 'scaleDown'] as const
  return [
    ...directions.filter(
      direction => !rulesOf(behavior[direction], defaultBehavior[direction], undefined),
    ),
    ...Object.keys(behavior).filter(member => !Object.hasOwn(defaultBehavior, member)),
  ]
}
