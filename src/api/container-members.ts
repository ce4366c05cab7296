import { Type } from '@sinclair/typebox'
import { KubeList, KubeValue } from './schema.ts'

/** What the plan reads of a variable itself. */
export const variable = {
  name: Type.Optional(Type.String({ description: 'Name of the variable.' })),
  valueFrom: Type.Optional(
    KubeValue(
      { description: 'Where the value comes from, as in a Pod spec; a password from a Secret.' },
      {
        secretKeyRef: Type.Optional(
          KubeValue({ description: 'Name and key of a Secret in this namespace.' }),
        ),
        resourceFieldRef: Type.Optional(
          KubeValue({ description: 'A request or limit of the container, as in a Pod spec.' }),
        ),
      },
    ),
  ),
}

/** What the plan reads of a container itself. */
export const container = {
  name: Type.Optional(
    Type.String({ description: 'Name of the container; one with the name of ours changes that.' }),
  ),
  image: Type.Optional(Type.String({ description: 'Image of the container.' })),
  env: Type.Optional(
    KubeList({ description: 'Environment variables, as in a Pod spec.' }, variable),
  ),
  ports: Type.Optional(KubeList({ description: 'Ports, as in a Pod spec.' })),
}
