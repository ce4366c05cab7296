import {
  type SchemaOptions,
  type TProperties,
  type TSchema,
  type TUnsafe,
  Type,
} from '@sinclair/typebox'

/*
 * The part of TypeBox that a CustomResourceDefinition can carry. A CRD accepts structural schemas
 * only: no anyOf of constants, no patternProperties, no numeric exclusiveMinimum.
 *
 * A property with a default is written without Type.Optional: it is always there once defaults are
 * filled in, and src/api/crd.ts does not list it as required.
 */

/*
 * Each of these is a TypeBox schema that can check a value, under the type that its users want;
 * src/api/crd.ts writes it down in the words of a CRD.
 */
const as = <T>(schema: TSchema) => schema as unknown as TUnsafe<T>

/** One of a few words. */
export const StringEnum = <T extends string[]>(values: [...T], options: SchemaOptions = {}) =>
  as<T[number]>(
    Type.Union(
      values.map(value => Type.Literal(value)),
      options,
    ),
  )

/** Any key; without a pattern, TypeBox leaves unchecked what is under a key of several lines. */
export const Key = Type.String({ pattern: '^' })

/** Free names to strings: annotations, settings. */
export const StringMap = (options: SchemaOptions = {}) =>
  as<Record<string, string>>(Type.Record(Key, Type.String(), options))

/** A label's name, perhaps behind that of a domain. */
const LabelKey = Type.String({
  pattern:
    '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$',
})

/** Labels by Kubernetes' own rules; the CRD can hold that for what they say alone. */
export const LabelMap = (options: SchemaOptions = {}) => {
  const value = Type.String({
    maxLength: 63,
    pattern: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
  })
  return as<Record<string, string>>(
    Type.Record(LabelKey, value, { additionalProperties: false, ...options }),
  )
}

/** Free names to quantities, which people write as text or as numbers. */
export const QuantityMap = (options: SchemaOptions = {}) => {
  const pattern = '^[0-9]+(\\.[0-9]+)?([eE][0-9]+|m|k|Ki|M|Mi|G|Gi|T|Ti)?$'
  const quantity = Type.Union([Type.String({ pattern }), Type.Number()], {
    'x-kubernetes-int-or-string': true,
    pattern,
  })
  return as<Record<string, string>>(Type.Record(Key, quantity, options))
}

/**
 * A Kubernetes type that we hand on as it is; the API server checks it where it is used. `members`
 * are those that we read ourselves.
 */
export const KubeValue = <T>(options: SchemaOptions = {}, members: TProperties = {}) =>
  as<T>(Type.Object(members, { 'x-kubernetes-preserve-unknown-fields': true, ...options }))

/**
 * A list of Kubernetes types that we hand on as they are. Each Pod that is made gets all members,
 * so there is an end to them; a Pod with as many would be odd.
 */
export const KubeList = <T>(options: SchemaOptions = {}, members: TProperties = {}) =>
  as<T[]>(Type.Array(KubeValue({}, members), { maxItems: 100, ...options }))

/**
 * Of a length of time as people write it: `90s`, `45m`, `1h30m`, `7d`. No longer than a date can
 * be.
 */
export const durationPattern = '^([0-9]{1,6}(d|h|m|s)){1,4}$'

/** Such a length of time. */
export const Duration = (options: SchemaOptions = {}) =>
  Type.String({ pattern: durationPattern, ...options })

const secondsPerUnit: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 }

/** Seconds of a `Duration`; what does not match its pattern counts as nothing. */
export function secondsOf(duration: string): number {
  return [...duration.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (secondsPerUnit[unit ?? 's'] ?? 0),
    0,
  )
}

/** A reference to a ConfigMap or Secret in the namespace of the Jitsi. */
export const ObjectReference = (options: SchemaOptions = {}) =>
  Type.Object(
    { name: Type.String({ minLength: 1, description: 'Name of the object in this namespace.' }) },
    options,
  )

const byte = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'

/** A network in CIDR notation. An IPv6 address is only looked at roughly. */
export const Network = (description: string) =>
  Type.String({
    pattern: `^(${byte}(\\.${byte}){3}/(3[0-2]|[12]?[0-9])|[0-9a-fA-F]*:[0-9a-fA-F:.]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$`,
    description,
  })

/** One file of a ConfigMap, by a key that is always the same. */
export const ConfigMapFile = (key: string, what: string) =>
  Type.Optional(ObjectReference({ description: `ConfigMap whose key \`${key}\` ${what}.` }))

/** A reference to one key of a Secret in the namespace of the Jitsi. */
export const SecretKeyReference = (options: SchemaOptions = {}) =>
  Type.Object(
    {
      name: Type.String({ minLength: 1, description: 'Name of the Secret in this namespace.' }),
      key: Type.String({ minLength: 1, description: 'Key inside the Secret.' }),
    },
    options,
  )

/** An object whose members all have defaults, so that leaving it out means the same as `{}`. */
export const Section = <T extends Record<string, TSchema>>(
  members: T,
  options: SchemaOptions = {},
) => Type.Object(members, { default: {}, ...options })
