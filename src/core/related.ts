import { Value } from '@sinclair/typebox/value'
import { JitsiSpec } from '../api/jitsi.ts'
import type { RelatedRule } from '../api/metacontroller.ts'
import { configMapUses } from '../components/config-map-references.ts'
import { asksForNodes } from '../components/coturn-address.ts'
import { linuxNodes } from '../components/jvb/topology.ts'
import { secretUses } from '../components/secret-references.ts'
import { selectorLabels } from '../kube/labels.ts'
import type { KubeObject } from '../kube/types.ts'
import { resolveSpec } from './context.ts'
import { hostPortFields } from './host-ports.ts'

/**
 * The objects that a Jitsi must see without owning them, and no more: every change of one of them
 * calls the plan. Names come with the namespace, since v2 hooks look through all of them otherwise.
 */
export function relatedRules(parent: KubeObject): RelatedRule[] {
  const namespace = parent.metadata.namespace ?? 'default'
  const spec = resolveSpec(parent.spec)
  // A spec of the wrong shape changes nothing, so nothing else is looked at.
  if (!Value.Check(JitsiSpec, spec)) return signallingPods(parent.metadata.name, namespace)
  const configMaps = configMapUses(spec).map(({ name }) => name)
  const secrets = [
    // Our own too, for it may be somebody else's.
    spec.existingSecret?.name ?? parent.metadata.name,
    ...secretUses(spec).map(({ name }) => name),
  ]
  return [
    ...named('configmaps', configMaps, namespace),
    ...named('secrets', secrets, namespace),
    ...signallingPods(parent.metadata.name, namespace),
    ...(hostPortFields(spec).length > 0 ? [ownNamespace(namespace)] : []),
    ...(spec.jvb.strategy.type === 'daemonset' ? [nodes(spec.jvb.nodeSelector)] : []),
    ...(asksForNodes(spec.coturn) ? [nodes(spec.coturn.nodeSelector)] : []),
  ]
}

function named(resource: string, names: string[], namespace: string): RelatedRule[] {
  const unique = [...new Set(names)].sort()
  return unique.length === 0 ? [] : [{ apiVersion: 'v1', resource, namespace, names: unique }]
}

/**
 * They are Deployments', not ours: whether they run decides about a restart, and jicofo's carry the
 * facts about meetings.
 */
const signallingPods = (instance: string, namespace: string): RelatedRule[] =>
  ['jicofo', 'prosody', 'visitors'].map(component => ({
    apiVersion: 'v1',
    resource: 'pods',
    namespace,
    labelSelector: { matchLabels: selectorLabels(instance, component) },
  }))

/** Its labels tell whether Pods with host ports are let in. */
const ownNamespace = (name: string): RelatedRule => ({
  apiVersion: 'v1',
  resource: 'namespaces',
  names: [name],
})

const nodes = (nodeSelector: Record<string, string> | undefined): RelatedRule => ({
  apiVersion: 'v1',
  resource: 'nodes',
  labelSelector: { matchLabels: nodeSelector ?? linuxNodes },
})
