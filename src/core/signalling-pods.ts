import { JicofoFacts, parseFacts } from '../api/facts.ts'
import type { Context } from '../components/context.ts'
import { annotation, label } from '../kube/annotations.ts'
import { childName } from '../kube/names.ts'
import { relatedOf } from '../kube/observed.ts'
import type { Deployment, Pod } from '../kube/types.ts'

/* Prosody, jicofo and the servers for visitors: their Pods are Deployments', and shown as related. */

/** The jicofo that runs, if it is observed. */
export function jicofoPod(context: Context): Pod | undefined {
  return podsThatStay(context).find(pod => factsOf(pod) !== undefined)
}

/** The facts about the jicofo that runs, if it is observed. */
export function jicofoFacts(context: Context): JicofoFacts | undefined {
  return factsOf(jicofoPod(context))
}

const factsOf = (pod: Pod | undefined) =>
  parseFacts(JicofoFacts, pod?.metadata.annotations?.[annotation.facts])

const podsThatStay = ({ observed }: Context) =>
  relatedOf<Pod>(observed, 'Pod').filter(({ metadata }) => !metadata.deletionTimestamp)

/** Does no prosody run that ever did? New bridges have no part in meetings without it. */
export function lacksProsody(context: Context): boolean {
  const prosody = context.observed.deployments.get(childName(context.instance, 'prosody'))
  return prosody !== undefined && !runs(context, prosody)
}

/**
 * May people meet by a Pod of this Deployment? One that Kubernetes does not call ready may still
 * serve. While jicofo answers, it can be asked whether people meet: without prosody it drops them.
 * Of visitors that says nothing.
 */
export function mayServe(context: Context, deployment: Deployment): boolean {
  const isForVisitors = deployment.metadata.labels?.[label.visitors] !== undefined
  return runs(context, deployment) || (!isForVisitors && jicofoFacts(context)?.reachable === true)
}

function runs(context: Context, deployment: Deployment): boolean {
  if ((deployment.status?.availableReplicas ?? 0) > 0) return true
  return podsThatStay(context).some(pod => isPodOf(deployment, pod) && areContainersReady(pod))
}

function isPodOf({ metadata }: Deployment, pod: Pod): boolean {
  const telling = ['app.kubernetes.io/component', label.visitors]
  return telling.every(name => pod.metadata.labels?.[name] === metadata.labels?.[name])
}

/**
 * Where a node's kubelet is silent, Kubernetes calls no Pod ready, and leaves what was said of their
 * containers: these run on, until the Pod is deleted five minutes later.
 */
function areContainersReady({ status }: Pod): boolean {
  const { containerStatuses = [] } = status ?? {}
  return containerStatuses.length > 0 && containerStatuses.every(({ ready }) => ready)
}
