import { type Static, Type } from '@sinclair/typebox'
import { Section, StringEnum } from './schema.ts'

/** A volume that outlives the Pods of a component. */
export const PersistenceSpec = (what: string, size: string) =>
  Section(
    {
      enabled: Type.Boolean({ default: false, description: `Keep ${what} on a volume.` }),
      existingClaim: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'PersistentVolumeClaim to use instead of one that we make.',
        }),
      ),
      subPath: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'Folder inside the volume; its root otherwise.',
        }),
      ),
      storageClassName: Type.Optional(
        Type.String({ description: 'StorageClass of the claim; the cluster’s default otherwise.' }),
      ),
      size: Type.String({
        default: size,
        pattern: '^[0-9]+(\\.[0-9]+)?(k|Ki|M|Mi|G|Gi|T|Ti)?$',
        description: 'Size of the claim that we make. It is not changed once the claim exists.',
      }),
      accessMode: StringEnum(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod'], {
        default: 'ReadWriteOnce',
        description: 'How nodes may mount the claim that we make.',
      }),
    },
    {
      description: `Where ${what} are kept. A claim that we made stays when this is switched off again; delete it with kubectl once nobody needs the data.`,
    },
  )
export type PersistenceSpec = Static<ReturnType<typeof PersistenceSpec>>
