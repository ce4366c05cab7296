import { apiVersion } from '../api/crd.ts'
import type { JvbSpec } from '../api/jvb-spec.ts'
import { objectLabels } from '../kube/labels.ts'
import { childName } from '../kube/names.ts'
import { canonicalQuantity, quantityValue } from '../kube/quantity.ts'
import { isRecord } from '../kube/record.ts'
import type { KubeObject } from '../kube/types.ts'
import { behaviorOf, type ScalingRules } from './behavior.ts'

/*
 * The HorizontalPodAutoscaler of a fleet. It targets the Jitsi's own scale subresource. Every
 * default is written out and every quantity canonical, so that the API server gives back what we
 * answer and Metacontroller finds nothing to write.
 */

/** What the autoscaler is made from. */
export interface AutoscalerInput {
  readonly instance: string
  readonly namespace: string
  readonly jvb: JvbSpec
  /** CPU of the bridge container as it is rendered, for the source `cpu`. */
  readonly cpu: { readonly request: string | undefined; readonly limit: string | undefined }
  /** The smallest number of bridges now: that of the spec, or of the schedule. */
  readonly minReplicas: number
  /** `http://service.namespace.svc:port` of this service; undefined where nobody told. */
  readonly loadBase: string | undefined
}

/** The name of the metric that kube-metrics-adapter serves to the HPA. */
const loadMetric = 'jitsi-load'

/** The JVB calls 90 % of its CPU a stress of 1. */
const cpuAtFullStress = 0.9

/**
 * The autoscaler; undefined for fleets without one: other topologies, the source `stress`, where
 * the plan decides itself, and sources that lack what they need (`autoscalerProblem` says what).
 */
export function autoscaler(input: AutoscalerInput): KubeObject | undefined {
  const { instance, namespace, jvb, minReplicas } = input
  const { source } = jvb.autoscaling.metric
  if (jvb.strategy.type !== 'autoscaled' || source === 'stress') return undefined
  if (autoscalerProblem(input)) return undefined
  const { scaleUp, scaleDown } = behaviorOf(jvb.autoscaling)
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: childName(instance, 'jvb'),
      namespace,
      labels: objectLabels(instance, 'jvb'),
      ...(source === 'kube-metrics-adapter' ? { annotations: collector(input) } : {}),
    },
    spec: {
      scaleTargetRef: { apiVersion, kind: 'Jitsi', name: instance },
      minReplicas,
      maxReplicas: Math.max(minReplicas, jvb.strategy.maxReplicas),
      metrics: metrics(input),
      behavior: { scaleUp: rules(scaleUp), scaleDown: rules(scaleDown) },
    },
  }
}

/** What a source lacks, as a sentence; undefined where nothing is missing. */
export function autoscalerProblem({ jvb, cpu, loadBase }: AutoscalerInput): string | undefined {
  const { source, metrics: own = [] } = jvb.autoscaling.metric
  if (source === 'custom' && own.length === 0) {
    return 'spec.jvb.autoscaling.metric.metrics: source custom needs the metrics of a HorizontalPodAutoscaler, got none'
  }
  if (source === 'cpu' && !quantityValue(cpu.request ?? cpu.limit)) {
    return 'spec.jvb.resources: source cpu needs a CPU request of the bridges, got none; write one, or use source stress'
  }
  if (source === 'kube-metrics-adapter' && !loadBase) {
    return 'spec.jvb.autoscaling.metric.source: kube-metrics-adapter must reach this service, and Metacontroller did not say where it is; use source stress'
  }
  return undefined
}

function metrics(input: AutoscalerInput): Record<string, unknown>[] {
  const { metric } = input.jvb.autoscaling
  if (metric.source === 'custom') return (metric.metrics ?? []).map(canonicalTargets)
  if (metric.source === 'kube-metrics-adapter') return [externalMetric(input)]
  return [cpuMetric(input)]
}

function cpuMetric(input: AutoscalerInput): Record<string, unknown> {
  const target = { type: 'Utilization', averageUtilization: cpuUtilization(input) }
  // Of the bridge's container alone, since sidecars carry no media.
  return {
    type: 'ContainerResource',
    containerResource: { name: 'cpu', container: 'jvb', target },
  }
}

/** Use of CPU in per cent of the request, as the HPA counts it, at the target's stress. */
export function cpuUtilization({ jvb, cpu }: AutoscalerInput): number {
  const request = quantityValue(cpu.request ?? cpu.limit) ?? 1
  const limit = quantityValue(cpu.limit) ?? request
  return Math.max(1, Math.round(targetOf(jvb) * cpuAtFullStress * (limit / request) * 100))
}

/** The target, lower where a share of the load is to be kept free. */
export function targetOf({ autoscaling }: JvbSpec): number {
  const { spare = '', metric } = autoscaling
  const room = spare.endsWith('%') ? Number.parseInt(spare, 10) / 100 : 0
  return Number(metric.target) / (1 + room)
}

const labelsOfMetric = (instance: string) => ({ jitsi: instance, type: 'json-path' })

/** The sum of all stress over the target: as many bridges. */
function externalMetric({ instance, jvb }: AutoscalerInput): Record<string, unknown> {
  return {
    type: 'External',
    external: {
      metric: { name: loadMetric, selector: { matchLabels: labelsOfMetric(instance) } },
      target: {
        type: 'AverageValue',
        averageValue: canonicalQuantity(targetOf(jvb).toFixed(3)),
      },
    },
  }
}

/**
 * kube-metrics-adapter's HTTP collector (json-path), the one that takes a scale target of any
 * kind: `metric-config.<type>.<name>.<collector>/<key>`.
 */
function collector({
  instance,
  namespace,
  jvb,
  loadBase,
}: AutoscalerInput): Record<string, string> {
  const { spare } = jvb.autoscaling
  const query = spare && !spare.endsWith('%') ? `?spare=${spare}` : ''
  const prefix = `metric-config.external.${loadMetric}.json-path`
  return {
    [`${prefix}/endpoint`]: `${loadBase}/load/${namespace}/${instance}${query}`,
    [`${prefix}/interval`]: '15s',
    [`${prefix}/json-key`]: '$.stress',
  }
}

function rules({ tolerance, ...rest }: ScalingRules): Record<string, unknown> {
  // API servers before 1.35 do not know a tolerance, and would drop it at every write.
  return tolerance === undefined ? rest : { ...rest, tolerance: canonicalQuantity(tolerance) }
}

/** People write `0.5`, the API server keeps `500m`. */
function canonicalTargets(metric: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metric).map(([field, source]) =>
      isRecord(source) && isRecord(source.target)
        ? [field, { ...source, target: canonicalTarget(source.target) }]
        : [field, source],
    ),
  )
}

function canonicalTarget(target: Record<string, unknown>): Record<string, unknown> {
  const quantities = ['value', 'averageValue'].flatMap(field => {
    const quantity = target[field]
    return typeof quantity === 'string' || typeof quantity === 'number'
      ? [[field, canonicalQuantity(quantity)]]
      : []
  })
  return { ...target, ...Object.fromEntries(quantities) }
}

/**
 * Where this service is, as Metacontroller was told for its hooks: the one place that the request
 * itself names.
 */
export function loadBaseOf(controller: unknown): string | undefined {
  const spec = isRecord(controller) && isRecord(controller.spec) ? controller.spec : {}
  const hooks = isRecord(spec.hooks) ? spec.hooks : {}
  const sync = isRecord(hooks.sync) ? hooks.sync : {}
  const { url, service } = isRecord(sync.webhook) ? sync.webhook : {}
  if (typeof url === 'string' && URL.canParse(url)) return new URL(url).origin
  if (!isRecord(service)) return undefined
  const { name, namespace, port = 80, protocol = 'http' } = service
  return typeof name === 'string' && typeof namespace === 'string'
    ? `${protocol}://${name}.${namespace}.svc:${port}`
    : undefined
}
