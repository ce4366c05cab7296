import type { Deployment as AppsDeployment } from 'kubernetes-types/apps/v1.js'
import type {
  ConfigMap as CoreConfigMap,
  Pod as CorePod,
  Secret as CoreSecret,
  Service as CoreService,
  PodSpec,
} from 'kubernetes-types/core/v1.js'
import type { OwnerReference } from 'kubernetes-types/meta/v1.js'

/** The metadata that the plan reads or writes; the API server fills the rest. */
export interface Metadata {
  name: string
  namespace?: string
  uid?: string
  generation?: number
  resourceVersion?: string
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
}

/** Any Kubernetes object as it travels between Metacontroller and the hook. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: Metadata
  [field: string]: unknown
}

type Typed<T> = KubeObject & Omit<T, 'apiVersion' | 'kind' | 'metadata'>

export type ConfigMap = Typed<CoreConfigMap>
export type Secret = Typed<CoreSecret>
export type Service = Typed<CoreService>
export type Deployment = Typed<AppsDeployment>
export type Pod = Typed<CorePod> & { spec: PodSpec }
