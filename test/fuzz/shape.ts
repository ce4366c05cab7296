import { Kind, OptionalKind, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Random } from '../../src/simulation/fleet/random.ts'

/*
 * Values of the shape that a schema asks for: what the API server lets through, and yet nobody
 * thought of.
 */

/** Texts of which one or another fits the pattern of any field. */
const texts = [
  'meet.example.org',
  'a',
  'Europe/Paris',
  'Asia/Kolkata',
  'Mars/Olympus',
  '45m',
  '90s',
  '7d',
  '99999999d',
  '0s',
  '0.5',
  '1',
  '100',
  '20%',
  '03:00',
  '23:59',
  'images/logo.svg',
  'https://example.org/look',
  '45 7 * * 1-5',
  '* * * * *',
  '61 25 * * *',
  '10.0.0.1',
  '2001:db8::1',
  '500m',
  '2Gi',
  'stable-11146-2',
  'stable-9000',
  'ghcr.io/jitsi/jvb:stable-9999',
  'x'.repeat(60),
]

/** Parts of Kubernetes types that a CRD does not check, right and wrong. */
const unchecked: readonly unknown[] = [
  {},
  { name: 'extra', value: 'x' },
  { name: 'JVB_PORT', value: 1 },
  { name: 'extra', image: 'busybox' },
  { name: 'extra', mountPath: '/config', emptyDir: {} },
  { name: null },
  { key: 'example.org/media', operator: 'Exists', effect: 'NoSchedule' },
  { key: 1, effect: [] },
  { runAsUser: 0, capabilities: null },
  { policies: null, stabilizationWindowSeconds: 'x' },
  { scaleDown: { policies: [{ type: 'Percent', value: 0, periodSeconds: 0 }] } },
  { scaleUp: null, scaleDown: [] },
  { type: 'Pods', pods: null },
  { configMapRef: {}, secretRef: null },
]

/** A value that the schema accepts; undefined where none comes to mind. */
export function shaped(schema: TSchema, random: Random): unknown {
  if ('default' in schema && random.chance(0.4)) return schema.default
  switch (schema[Kind]) {
    case 'Object':
      return shapedObject(schema, random)
    case 'Array':
      return shapedList(schema, random)
    case 'Record':
      return shapedRecord(schema, random)
    case 'Union':
      return shaped(random.pick<TSchema>(schema.anyOf) ?? schema, random)
    case 'Literal':
      return schema.const
    case 'Boolean':
      return random.chance(0.5)
    case 'String':
      return random.pick(texts.filter(text => Value.Check(schema, text)))
    default:
      return shapedNumber(schema, random)
  }
}

function shapedObject({ properties = {} }: TSchema, random: Random): unknown {
  const members = Object.entries<TSchema>(properties)
  if (members.length === 0) return random.pick(unchecked)
  return Object.fromEntries(
    members
      .filter(([, member]) => !mayBeLeftOut(member) || random.chance(0.25))
      .map(([name, member]) => [name, shaped(member, random)]),
  )
}

const mayBeLeftOut = (member: TSchema) => OptionalKind in member || 'default' in member

function shapedList({ items, maxItems = 3 }: TSchema, random: Random): unknown[] {
  const length = random.whole(0, Math.min(3, maxItems))
  return Array.from({ length }, () => shaped(items, random)).filter(item => item !== undefined)
}

function shapedRecord({ patternProperties }: TSchema, random: Random): Record<string, unknown> {
  const [member] = Object.values<TSchema>(patternProperties)
  const names = ['cpu', 'memory', 'ENABLE_LOBBY', 'TZ', 'example.org/name', 'toString', '']
  const chosen = names.filter(() => random.chance(0.3))
  return Object.fromEntries(chosen.map(name => [name, member && shaped(member, random)]))
}

function shapedNumber({ minimum = 0, maximum = 12 }: TSchema, random: Random): number {
  return (
    random.pick([minimum, maximum, random.whole(minimum, Math.min(maximum, minimum + 12))]) ?? 0
  )
}
