import { type Static, Type } from '@sinclair/typebox'
import type { KubeObject } from '../kube/types.ts'
import { Key } from './schema.ts'
import { AnyObject } from './wire-objects.ts'

/*
 * The wire format of Metacontroller's v2 hooks. Objects pass through as they are: whatever this
 * schema does not name must survive, so nothing here forbids additional properties.
 */

/** Objects by kind (`Pod.v1`, `Deployment.apps/v1`), then by `namespace/name`. */
const ObjectMap = Type.Record(Key, Type.Record(Key, AnyObject))
export type ObjectMap = Static<typeof ObjectMap>

/** How Metacontroller reaches a hook: by address, or by the name of a Service. */
const Hook = Type.Object({
  webhook: Type.Optional(
    Type.Object({
      url: Type.Optional(Type.String()),
      service: Type.Optional(Type.Object({ namespace: Type.Optional(Type.String()) })),
    }),
  ),
})

const Controller = Type.Object({
  spec: Type.Optional(
    Type.Object({
      childResources: Type.Optional(
        Type.Array(Type.Object({ apiVersion: Type.String(), resource: Type.String() })),
      ),
      hooks: Type.Optional(Type.Object({ sync: Type.Optional(Hook) })),
    }),
  ),
})

/** What Metacontroller posts to `/jitsi/sync`. */
export const SyncRequest = Type.Object({
  controller: Type.Optional(Controller),
  parent: AnyObject,
  children: ObjectMap,
  related: Type.Optional(ObjectMap),
  finalizing: Type.Optional(Type.Boolean()),
})
export type SyncRequest = Static<typeof SyncRequest>

/** What `/jitsi/sync` answers; an object missing from `children` is deleted by Metacontroller. */
export interface SyncResponse {
  status: Record<string, unknown>
  children: KubeObject[]
  /** Ask to be called again after so many seconds, even if nothing changes. */
  resyncAfterSeconds?: number
}

/** What Metacontroller posts to `/jitsi/customize`. */
export const CustomizeRequest = Type.Object({
  controller: Type.Optional(Controller),
  parent: AnyObject,
})
export type CustomizeRequest = Static<typeof CustomizeRequest>

/** One set of objects that a Jitsi wants to see without owning them. */
export interface RelatedRule {
  apiVersion: string
  /** The plural, lower-case name: `configmaps`. */
  resource: string
  namespace?: string
  names?: string[]
  labelSelector?: {
    matchLabels?: Record<string, string>
    matchExpressions?: { key: string; operator: string; values?: string[] }[]
  }
}

/** What `/jitsi/customize` answers. */
export interface CustomizeResponse {
  relatedResources: RelatedRule[]
}

/** What Metacontroller's DecoratorController posts to `/observe`. */
export const ObserveRequest = Type.Object({
  controller: Type.Optional(Type.Unknown()),
  // Of no other kind, or it is not known to have what a Pod has.
  object: Type.Unsafe<KubeObject>(
    Type.Intersect([AnyObject, Type.Object({ kind: Type.Literal('Pod') })]),
  ),
  attachments: Type.Optional(ObjectMap),
  related: Type.Optional(ObjectMap),
  finalizing: Type.Optional(Type.Boolean()),
})
export type ObserveRequest = Static<typeof ObserveRequest>

/**
 * What `/observe` answers: the annotations to write; a null deletes, a missing key is left alone.
 */
export interface ObserveResponse {
  annotations: Record<string, string | null>
  attachments: []
  resyncAfterSeconds?: number
}
