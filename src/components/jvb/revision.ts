import type { PodSpec } from 'kubernetes-types/core/v1.js'
import { annotation } from '../../kube/annotations.ts'
import { digest } from '../../kube/hash.ts'
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
  }
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
  // A revision that cannot be read says nothing, and nothing is no reason to move people.
  if (!made) return []
  return Object.keys(current).filter(part => made[part] !== current[part])
}

function parse(text: string | undefined): Revision | undefined {
  try {
    return JSON.parse(text ?? '') as Revision
  } catch {
    return undefined
  }
}
