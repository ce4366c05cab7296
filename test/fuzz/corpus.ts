import type { ObjectMap, SyncRequest } from '../../src/api/metacontroller.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import type { KubeObject } from '../../src/kube/types.ts'
import { observe, settle } from '../support/cluster.ts'
import { inputs } from '../support/fixtures.ts'
import { goldenCases, goldenNodes } from '../support/golden-cases.ts'
import { planted } from './planted.ts'

/** Well-formed calls, every example at its beginning, half made and at rest, with planted secrets. */
export function corpus(): SyncRequest[] {
  const using = { ...inputs, password: () => planted.kept }
  return goldenCases().flatMap(({ first }) => {
    const begun = withSecrets(first)
    const making = observe(begun, reconcile(begun, using).response, goldenNodes)
    return [begun, making, settle(begun, { nodes: goldenNodes, using }).request]
  })
}

function withSecrets({ parent, related = {}, ...request }: SyncRequest): SyncRequest {
  const spec = parent.spec as { variables?: Record<string, string> }
  const variables = { ...spec.variables, JWT_APP_SECRET: planted.variable }
  const secrets = Object.entries(related['Secret.v1'] ?? {}).map(([key, secret]) => [
    key,
    withPlantedData(secret),
  ])
  return {
    ...request,
    parent: { ...parent, spec: { ...spec, variables } },
    related: { ...related, 'Secret.v1': Object.fromEntries(secrets) },
  }
}

function withPlantedData(secret: KubeObject): KubeObject {
  const keys = Object.keys((secret.data as Record<string, string> | undefined) ?? {})
  const value = Buffer.from(planted.related).toString('base64')
  return { ...secret, data: Object.fromEntries(keys.map(key => [key, value])) }
}

/** Every object of a map of Metacontroller's. */
export function objectsIn(map: ObjectMap | undefined): KubeObject[] {
  return Object.values(map ?? {}).flatMap(group => Object.values(group))
}
