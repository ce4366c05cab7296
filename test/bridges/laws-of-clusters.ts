import { isDeepStrictEqual } from 'node:util'
import { annotation } from '../../src/kube/annotations.ts'
import type { Pod } from '../../src/kube/types.ts'
import type { Law } from './law.ts'
import type { School } from './school.ts'

/*
 * What can be seen of the objects in the cluster.
 */

/** Every place where media comes in, as `where port`. */
function placesOf({ spec, metadata }: Pod): string[] {
  const own = metadata.annotations?.[annotation.port]
  const behindOne = spec.containers.some(({ ports = [] }) =>
    ports.some(({ name }) => name?.startsWith('media-')),
  )
  const where = behindOne ? 'the load balancer' : spec.nodeName
  return where ? [`${where} ${own}`] : []
}

const noTwoOnOnePort: Law = {
  name: 'no two bridges hold one port of one node or load balancer',
  watch: ({ cluster }, broken) => ({
    moment: () => {
      const held = cluster.bridgePods.flatMap(placesOf)
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
