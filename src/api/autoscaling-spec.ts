import { Type } from '@sinclair/typebox'
import { Duration, KubeList, KubeValue, Section, StringEnum } from './schema.ts'

/**
 * No cluster runs more, and one mistyped number must not take the memory of an operator for all.
 */
export const mostBridges = 10_000

const Metric = Section(
  {
    source: StringEnum(['cpu', 'stress', 'kube-metrics-adapter', 'custom'], {
      default: 'cpu',
      description:
        'What the autoscaler follows. cpu: needs metrics-server. stress: the bridges’ own figure, needs nothing more. kube-metrics-adapter: the same through that adapter. custom: `metrics` as given.',
    }),
    target: Type.String({
      pattern: '^0?\\.[0-9]{1,2}$|^1(\\.0+)?$',
      default: '0.65',
      description: 'Stress that an average bridge should have; 1 is a full bridge.',
    }),
    metrics: Type.Optional(
      KubeList<Record<string, unknown>>({
        description: 'The HPA’s own `metrics` list (source custom).',
      }),
    ),
  },
  { description: 'The figure that the fleet follows.' },
)

const Overprovisioning = Type.Object(
  {
    replicas: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'For how many bridges to hold room on nodes.',
    }),
    priorityClassName: Type.String({
      minLength: 1,
      maxLength: 253,
      description:
        'PriorityClass of the placeholders. You make it (`kubectl create priorityclass overprovisioning --value=-10`), for it belongs to the whole cluster. Its value must be below that of the bridges, and not below -10, or cluster-autoscaler starts no node for them.',
    }),
  },
  {
    description:
      'Overprovisioning of nodes, for clusters whose nodes take minutes to start: placeholders, Pods of the size of a bridge that do nothing, keep nodes warm, with the image on them. A bridge takes the place of one at once, and the node that it needs next starts meanwhile. Their Pods cost as much as bridges do. None without this section.',
  },
)

/** `spec.jvb.autoscaling`. */
export const AutoscalingSpec = Section(
  {
    metric: Metric,
    tolerance: Type.Optional(
      Type.String({
        pattern: '^0(\\.[0-9]{1,3})?$',
        description: 'How far the figure may be off the target before anything happens (0.1).',
      }),
    ),
    behavior: Type.Optional(
      KubeValue<Record<string, unknown>>({
        description:
          'scaleUp and scaleDown as in a HorizontalPodAutoscaler, in place of our defaults.',
      }),
    ),
    schedule: Type.Array(
      Type.Object({
        name: Type.String({
          minLength: 1,
          maxLength: 63,
          description: 'Name shown in status; each entry has its own.',
        }),
        cron: Type.String({
          minLength: 9,
          description: 'When it begins: minute, hour, day of month, month, day of week.',
        }),
        timezone: Type.Optional(
          Type.String({ description: 'IANA time zone of the entry; spec.timezone otherwise.' }),
        ),
        duration: Duration({ description: 'How long it lasts.' }),
        minReplicas: Type.Integer({
          minimum: 1,
          maximum: mostBridges,
          description: 'Fewest bridges while it lasts.',
        }),
      }),
      {
        default: [],
        maxItems: 50,
        description:
          'Times at which more bridges must be ready, such as before lessons begin; the largest of overlapping entries counts. Begin 20 minutes early.',
      },
    ),
    spare: Type.Optional(
      Type.String({
        pattern: '^[0-9]+%?$',
        description: 'Room to keep ahead of the load: participants (`100`) or per cent (`20%`).',
      }),
    ),
    overprovisioning: Type.Optional(Overprovisioning),
  },
  {
    description:
      'How an autoscaled fleet follows the load. Nothing in it counts with another `strategy.type`.',
  },
)
