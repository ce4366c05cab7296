import { behaviorProblems } from '../autoscaling/behavior.ts'
import { invalidEntries } from '../autoscaling/schedule.ts'
import type { Context } from '../components/context.ts'
import { excerpt } from '../settings/excerpt.ts'
import type { Problem } from '../settings/settings.ts'

/** What the autoscaling leaves out of account: without a word, people would wait for it in vain. */
export const autoscalingProblems = (context: Context): Problem[] => [
  ...autoscalingUnused(context),
  ...invalidCron(context),
  ...scheduleNameTwice(context),
  ...scheduleAboveMaximum(context),
  ...behaviorInvalid(context),
]

/** Those who write them want more bridges or warm nodes, and would find neither. */
function autoscalingUnused({ spec }: Context): Problem[] {
  const { strategy, autoscaling } = spec.jvb
  if (strategy.type === 'autoscaled') return []
  const { schedule, spare, overprovisioning } = autoscaling
  const written = { schedule: schedule.length > 0, spare, overprovisioning }
  return Object.entries(written).flatMap(([field, value]) => {
    const path = `spec.jvb.autoscaling.${field}`
    if (!value) return []
    return [
      {
        path,
        reason: 'AutoscalingUnused',
        message: `${path}: it counts with spec.jvb.strategy.type autoscaled alone, and that is ${strategy.type}; change the type, or leave the field out`,
      },
    ]
  })
}

/** Such an entry is never in force; the others are. */
function invalidCron({ spec }: Context): Problem[] {
  const { schedule } = spec.jvb.autoscaling
  return invalidEntries(schedule).map(index => {
    const path = `spec.jvb.autoscaling.schedule[${index}].cron`
    return {
      path,
      reason: 'InvalidCron',
      message: `${path}: ${JSON.stringify(schedule[index]?.cron)} is no cron expression of minute, hour, day of month, month, day of week, such as 45 7 * * 1-5`,
    }
  })
}

/** All entries count, whatever their names; but status has nothing else to tell them apart by. */
function scheduleNameTwice({ spec }: Context): Problem[] {
  const names = spec.jvb.autoscaling.schedule.map(({ name }) => name)
  return names.flatMap((name, index) => {
    const first = names.indexOf(name)
    const path = `spec.jvb.autoscaling.schedule[${index}].name`
    if (first === index) return []
    return [
      {
        path,
        reason: 'ScheduleNameTwice',
        message: `${path}: schedule[${first}] is called ${JSON.stringify(name)} too, so status.autoscaling does not say which of them is in force; both count, give one another name`,
      },
    ]
  })
}

/** The maximum counts: what an entry asks for beyond it is never there. */
function scheduleAboveMaximum({ spec }: Context): Problem[] {
  const { strategy, autoscaling } = spec.jvb
  if (strategy.type !== 'autoscaled') return []
  return autoscaling.schedule.flatMap(({ minReplicas }, index) => {
    const path = `spec.jvb.autoscaling.schedule[${index}].minReplicas`
    if (minReplicas <= strategy.maxReplicas) return []
    return [
      {
        path,
        reason: 'ScheduleAboveMaximum',
        message: `${path}: ${minReplicas} is more than spec.jvb.strategy.maxReplicas, ${strategy.maxReplicas}, which counts; raise the one or lower the other`,
      },
    ]
  })
}

/** Ours stay in force in the place of such rules. */
function behaviorInvalid({ spec }: Context): Problem[] {
  const { behavior } = spec.jvb.autoscaling
  return behaviorProblems(behavior ? { behavior } : {}).map(direction => {
    const path = `spec.jvb.autoscaling.behavior.${direction}`
    return {
      path,
      reason: 'BehaviorInvalid',
      message: `${excerpt(path)}: a HorizontalPodAutoscaler has no such rules, so our defaults are in force; write scaleUp and scaleDown as its behavior has them (autoscaling/v2)`,
    }
  })
}
