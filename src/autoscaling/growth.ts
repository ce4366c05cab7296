import { behaviorOf } from './behavior.ts'
import { growsFrom } from './hpa.ts'
import { type AutoscalerInput, cpuUtilization, targetOf } from './objects.ts'

/**
 * What it takes for a HorizontalPodAutoscaler of ours to ask for more bridges. The figures of the
 * moment are in its own status; here they would be a write every 15 seconds.
 */
export function growth(input: AutoscalerInput): string {
  const { autoscaling } = input.jvb
  const { source } = autoscaling.metric
  if (source === 'custom') return 'when one of spec.jvb.autoscaling.metric.metrics does'
  const behavior = behaviorOf(autoscaling)
  if (source === 'cpu') {
    const use = growsFrom(cpuUtilization(input), behavior)
    return `when they use ${use} % of the CPU that they request`
  }
  const mean = growsFrom(Math.round(targetOf(input.jvb) * 100), behavior)
  return `when their mean stress is ${(mean / 100).toFixed(2)}`
}
