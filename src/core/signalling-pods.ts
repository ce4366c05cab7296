import { type JicofoFacts, parseJicofoFacts } from '../api/facts.ts'
import type { Context } from '../components/context.ts'
import { annotation, label } from '../kube/annotations.ts'
import { hasLabels, selectorLabels } from '../kube/labels.ts'
import { childName, componentOf } from '../kube/names.ts'
import { relatedOf } from '../kube/observed.ts'
import { isLeaving } from '../kube/pod.ts'
import type { Deployment, Pod } from '../kube/types.ts'

/*
 * Prosody, jicofo and the servers for visitors: their Pods are Deployments', and shown as related.
 */

/** The jicofo that runs, if it is observed. */
export function jicofoPod(context: Context): Pod | undefined {
  return podsOf(context, 'jicofo').find(pod => factsOf(pod) !== undefined)
}

/** The facts about the jicofo that runs, if it is observed. */
export function jicofoFacts(context: Context): JicofoFacts | undefined {
  return factsOf(jicofoPod(context))
}

const factsOf = (pod: Pod | undefined) =>
  parseJicofoFacts(pod?.metadata.annotations?.[annotation.facts])

/** Those of a component that stay; whoever asks by hand may show us those of another Jitsi too. */
function podsOf({ instance, observed }: Context, component: string): Pod[] {
  const labels = selectorLabels(instance, component)
  return relatedOf<Pod>(observed, 'Pod').filter(pod => hasLabels(pod, labels) && !isLeaving(pod))
}

/** Does no prosody run that ever did? New bridges have no part in meetings without it. */
export function lacksProsody(context: Context): boolean {
  const prosody = context.observed.deployments.get(childName(context.instance, 'prosody'))
  return prosody !== undefined && !runs(context, prosody)
}

/**
 * Can people be moved to other bridges? Jicofo tells them where to go, by way of prosody. One that
 * is being replaced has no facts, and does not run; of what nobody shows us nothing says that it is
 * away.
 */
export function canMovePeople(context: Context): boolean {
  const jicofo = context.observed.deployments.get(childName(context.instance, 'jicofo'))
  const answers = jicofoFacts(context)?.reachable ?? (!jicofo || runs(context, jicofo))
  return answers && !lacksProsody(context)
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
  const component = componentOf(deployment) ?? ''
  const number = deployment.metadata.labels?.[label.visitors]
  return podsOf(context, component).some(
    pod => pod.metadata.labels?.[label.visitors] === number && isServing(pod, component),
  )
}

/**
 * Where a node's kubelet is silent, Kubernetes calls no Pod ready, and leaves what was said of
 * their containers last, of which ours has the component's name. Half a minute later the Pod is
 * given up, deleted for another elsewhere (`leaveDeadNodeSoon`).
 */
function isServing({ status }: Pod, component: string): boolean {
  const { containerStatuses = [] } = status ?? {}
  return containerStatuses.some(({ name, ready }) => name === component && ready)
}
