import { type TSchema, Type } from '@sinclair/typebox'
import type { KubeObject } from '../kube/types.ts'
import { Key } from './schema.ts'

/*
 * What every object of a request has, as far as the plan relies on it: the API server has checked
 * it already. Whatever comes otherwise is no request of Metacontroller's, and is refused as a
 * whole: half an object must not be read as one that lacks something.
 */

const Text = Type.String({ minLength: 1 })
const Texts = Type.Record(Key, Type.String())
const items = (item: TSchema) => Type.Optional(Type.Array(item))
const Anything = Type.Object({})

const Metadata = Type.Object({
  name: Text,
  namespace: Type.Optional(Type.String()),
  uid: Type.Optional(Type.String()),
  generation: Type.Optional(Type.Number()),
  labels: Type.Optional(Texts),
  annotations: Type.Optional(Texts),
  creationTimestamp: Type.Optional(Type.String()),
  deletionTimestamp: Type.Optional(Type.String()),
  ownerReferences: items(Anything),
})

const KeyOfSecret = Type.Object({
  secretKeyRef: Type.Optional(Type.Object({ name: Type.Optional(Text), key: Text })),
})

const PodSpec = Type.Object({
  nodeName: Type.Optional(Type.String()),
  containers: Type.Array(
    Type.Object({
      env: items(Type.Object({ name: Text, valueFrom: Type.Optional(KeyOfSecret) })),
      ports: items(Type.Object({ name: Type.Optional(Type.String()) })),
    }),
  ),
})

const Condition = Type.Object({ type: Type.String(), message: Type.Optional(Type.String()) })

const Pod = Type.Object({
  spec: PodSpec,
  status: Type.Optional(
    Type.Object({
      phase: Type.Optional(Type.String()),
      podIP: Type.Optional(Type.String()),
      startTime: Type.Optional(Type.String()),
      conditions: items(Condition),
      containerStatuses: items(Anything),
    }),
  ),
})

const Deployment = Type.Object({
  spec: Type.Object({ template: Type.Object({ spec: PodSpec }) }),
  status: Type.Optional(Anything),
})

const ServicePort = Type.Object({ port: Type.Number(), nodePort: Type.Optional(Type.Number()) })
const Ingress = Type.Object({
  ip: Type.Optional(Type.String()),
  hostname: Type.Optional(Type.String()),
})

const Service = Type.Object({
  spec: Type.Optional(Type.Object({ ports: items(ServicePort) })),
  status: Type.Optional(
    Type.Object({ loadBalancer: Type.Optional(Type.Object({ ingress: items(Ingress) })) }),
  ),
})

const WithData = Type.Object({ data: Type.Optional(Texts) })

const Node = Type.Object({
  spec: Type.Optional(Type.Object({ taints: items(Type.Object({ key: Text, effect: Text })) })),
  status: Type.Optional(
    Type.Object({
      conditions: items(Condition),
      addresses: items(Type.Object({ type: Text, address: Text })),
    }),
  ),
})

const kinds = { Pod, Deployment, Service, Secret: WithData, ConfigMap: WithData, Node }

const OtherKind = Type.String({ pattern: `^(?!(${Object.keys(kinds).join('|')})$)` })

/** An object of the API server's. What it does not name passes as it is. */
export const KubeObjectSchema = Type.Intersect(
  [
    Type.Object({ apiVersion: Text, kind: Text, metadata: Metadata }),
    Type.Union([
      ...Object.entries(kinds).map(([kind, schema]) =>
        Type.Intersect([Type.Object({ kind: Type.Literal(kind) }), schema]),
      ),
      Type.Object({ kind: OtherKind }),
    ]),
  ],
  { $id: 'KubeObject' },
)

/**
 * Names that schema, so that it is compiled once for each request and not at each of its places.
 */
export const AnyObject = Type.Unsafe<KubeObject>(Type.Ref('KubeObject'))
