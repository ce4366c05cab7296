import type { Container } from 'kubernetes-types/core/v1.js'
import { annotation } from '../../kube/annotations.ts'
import type { Context } from '../context.ts'
import { imageOf, initContainerSecurity } from '../pod.ts'
import { isRegionOfNode } from './region.ts'
import { podInfoFiles, podInfoPath, waitForPlace } from './scripts.ts'

/*
 * What a bridge learns only once it was scheduled: the plan writes it on the Pod, the kubelet into
 * a volume, and the bridge starts when it is there.
 */

/** The files of the Pod's volume: `region` is among them only for bridges that wait for it. */
export const podInfoItems = (context: Context) =>
  Object.entries({
    ...podInfoFiles,
    ...(isRegionOfNode(context) ? { region: annotation.region } : {}),
  }).map(([path, name]) => ({ path, fieldRef: fromAnnotation(name) }))

/** A reference to an annotation of the Pod. */
export const fromAnnotation = (name: string) => ({
  apiVersion: 'v1',
  fieldPath: `metadata.annotations['${name}']`,
})

/** The init container that waits, where there is anything to wait for. */
export function placeWait(context: Context): Container[] {
  const files = [
    ...(context.spec.jvb.exposure.type === 'None' ? [] : (['advertise'] as const)),
    ...(isRegionOfNode(context) ? (['region'] as const) : []),
  ]
  if (files.length === 0) return []
  return [
    {
      name: 'wait-for-address',
      image: imageOf(context, 'jvb'),
      imagePullPolicy: context.spec.jvb.imagePullPolicy ?? context.spec.image.pullPolicy,
      command: ['/bin/bash', '-c', waitForPlace(files)],
      // Equal, or the whole Pod would not be Guaranteed.
      resources: {
        requests: { cpu: '100m', memory: '64Mi' },
        limits: { cpu: '100m', memory: '64Mi' },
      },
      securityContext: initContainerSecurity,
      volumeMounts: [{ name: 'pod-info', mountPath: podInfoPath, readOnly: true }],
    },
  ]
}
