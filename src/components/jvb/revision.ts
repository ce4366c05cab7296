import type { PodSpec } from 'kubernetes-types/core/v1.js'
import { annotation } from '../../kube/annotations.ts'
import { digest } from '../../kube/hash.ts'
import { isRecord } from '../../kube/record.ts'
import type { Context } from '../context.ts'
import type { Bridge } from './bridge.ts'
import { configFile } from './config.ts'
import { bridgeTemplate } from './template.ts'

/** A digest for each part of the generated Pod, so that a difference has a name. */
export type Revision = Record<string, string>

/**
 * The revision that a bridge made now would have. It is taken of what we generate, never of what
 * the API server made of it, and leaves out what is a bridge's own: its port and its place.
 */
export function revisionOf(context: Context): Revision {
  const anyBridge = {
    index: 0,
    port: context.spec.jvb.ports.udp,
    pinnedTo: undefined,
    portsRefused: [],
  }
  const { metadata, spec } = bridgeTemplate(context, anyBridge)
  return {
    ...partsOf(spec),
    metadata: digest(metadata),
    configuration: digest(configFile(context)),
    exposure: exposureDigest(context),
  }
}

/** A bridge is made for one way to reach it, and another one needs another bridge. */
function exposureDigest({ spec }: Context): string {
  const { type, perBridge } = spec.jvb.exposure
  return digest([type, type === 'LoadBalancer' && perBridge])
}

function partsOf(spec: PodSpec): Revision {
  const { containers, initContainers, ...pod } = spec
  const [bridge, ...sidecars] = containers
  const { env, envFrom, image, resources, ports: _, ...rest } = bridge ?? { name: '' }
  return {
    image: digest(image),
    environment: digest([withoutPort(env), envFrom]),
    resources: digest(resources),
    container: digest([rest, sidecars, initContainers?.map(({ image: __, ...init }) => init)]),
    pod: digest(pod),
  }
}

const withoutPort = (env: PodSpec['containers'][0]['env']) =>
  env?.filter(({ name }) => name !== 'JVB_PORT')

/** The parts in which a bridge differs from one made now; none for a bridge that is current. */
export function outdatedParts({ pod }: Bridge, current: Revision): string[] {
  const made = parse(pod.metadata.annotations?.[annotation.revision])
  // What cannot be read, or was not written, says nothing, and is no reason to move people.
  return Object.keys(current).filter(part => part in made && made[part] !== current[part])
}

function parse(text: string | undefined): Revision {
  try {
    const revision: unknown = JSON.parse(text ?? '')
    return isRecord(revision) ? (revision as Revision) : {}
  } catch {
    return {}
  }
}
