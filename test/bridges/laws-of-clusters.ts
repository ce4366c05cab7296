import { isDeepStrictEqual } from 'node:util'
import { annotation } from '../../src/kube/annotations.ts'
import type { Pod, Service } from '../../src/kube/types.ts'
import type { ClusterModel } from '../../src/simulation/fleet/cluster-model.ts'
import { hostPorts } from '../../src/simulation/fleet/scheduler-model.ts'
import type { Law } from './law.ts'
import type { School } from './school.ts'

/*
 * What can be seen of the objects in the cluster.
 */

/** Every place that a bridge alone must hold: ports of its node, of all nodes, of the one address. */
function placesOf(pod: Pod, { store }: ClusterModel): string[] {
  const { spec, metadata } = pod
  const own = store.get('Service', metadata.name, metadata.namespace) as Service | undefined
  const shared = spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ name }) => (name?.startsWith('media-') ? [`the load balancer ${name}`] : [])),
  )
  return [
    ...(spec.nodeName ? hostPorts(pod).map(port => `${spec.nodeName} ${port}`) : []),
    ...(own?.spec?.ports ?? []).flatMap(({ nodePort }) =>
      nodePort ? [`all nodes ${nodePort}`] : [],
    ),
    ...shared,
  ]
}

const noTwoOnOnePort: Law = {
  name: 'no two bridges hold one port of one node or load balancer',
  watch: ({ cluster }, broken) => ({
    moment: () => {
      const held = cluster.bridgePods.flatMap(pod => placesOf(pod, cluster))
      const twice = held.find((place, at) => held.indexOf(place) !== at)
      if (twice) broken(`two bridges hold ${twice}`)
    },
  }),
}

/** A bridge reads its port and address once, at its start. */
const nothingMoves: Law = {
  name: 'the port, address and spec of a bridge never change',
  watch: ({ cluster }, broken) => {
    cluster.store.watch(({ before, after }) => {
      if (before?.kind !== 'Pod' || !after || !before.metadata.annotations?.[annotation.port])
        return
      const { [annotation.port]: port, [annotation.advertise]: address } =
        before.metadata.annotations
      const now = after.metadata.annotations ?? {}
      if (now[annotation.port] !== port) broken(`${before.metadata.name} moved from port ${port}`)
      if (address && now[annotation.advertise] !== address) {
        broken(`${before.metadata.name} lost its address ${address}`)
      }
      const { nodeName: _, ...spec } = (before as Pod).spec
      const { nodeName: __, ...nowSpec } = (after as Pod).spec
      if (!isDeepStrictEqual(spec, nowSpec)) broken(`the spec of ${before.metadata.name} changed`)
    })
    return {}
  },
}

/** As many as wanted serve, nothing is under way, and nothing is written any more. */
const atRest: Law = {
  name: 'the fleet comes to rest with as many bridges as wanted, and then writes nothing',
  watch: (school, broken) => ({
    end: async () => {
      const { composite, decorator } = school.cluster
      const before = JSON.stringify([composite.writes, decorator.writes])
      await school.cluster.run(1800)
      const after = JSON.stringify([composite.writes, decorator.writes])
      if (before !== after) broken(`writes went on: ${before}, ${after}`)
      if (composite.errors.length > 0) broken(`errors: ${composite.errors[0]}`)
      const { desired, serving, starting, draining } = school.status.fleet ?? {}
      if (serving !== desired || starting !== 0 || draining !== 0 || desired !== wanted(school)) {
        broken(`${wanted(school)} wanted: ${JSON.stringify(school.status.fleet)}`)
      }
    },
  }),
}

function wanted(school: School): number {
  if (school.topology === 'daemonset')
    return school.cluster.store.list('Node').length * school.perNode
  return school.topology === 'static' ? school.replicas : (school.status.fleet?.desired ?? 0)
}

export const lawsOfClusters: readonly Law[] = [noTwoOnOnePort, nothingMoves, atRest]
