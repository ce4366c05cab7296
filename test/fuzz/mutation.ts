import type { Random } from '../../src/simulation/fleet/random.ts'
import { hostileValue } from './hostile.ts'

type Container = Record<string, unknown> | unknown[]

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null

/** A copy with one thing in it changed, somewhere; what is not changed is shared. */
export function mutated(value: unknown, random: Random): unknown {
  if (!isContainer(value) || random.chance(0.05)) return hostileValue(random)
  const keys = Object.keys(value)
  const key = random.pick(keys)
  if (key === undefined || random.chance(0.05)) return withMember(value, strange(keys, random))
  if (random.chance(0.12)) return withoutMember(value, key)
  const member = (value as Record<string, unknown>)[key]
  if (random.chance(0.03)) return withMember(value, [strange(keys, random)[0], member])
  return withMember(value, [key, mutated(member, random)])
}

/** A member under a name that is new here, or somebody else's. */
function strange(keys: readonly string[], random: Random): [string, unknown] {
  const names = ['constructor', 'toString', '', 'a/b', ...keys.slice(0, 3)]
  return [random.pick(names) ?? '', hostileValue(random)]
}

function withMember(value: Container, [key, member]: [string, unknown]): Container {
  if (!Array.isArray(value)) return { ...value, [key]: member }
  const at = Number(key)
  return at in value ? value.with(at, member) : [...value, member]
}

function withoutMember(value: Container, key: string): Container {
  if (Array.isArray(value)) return value.toSpliced(Number(key), 1)
  const { [key]: _, ...others } = value
  return others
}

/** Text that broke on its way: cut off, a byte changed, something put in between. */
export function broken(text: string, random: Random): string {
  const at = random.whole(0, text.length - 1)
  const before = text.slice(0, at)
  return (
    random.pick([
      before,
      `${before}${random.pick(['\u0000', '"', '{', '}', ',', '1', '\\'])}${text.slice(at + 1)}`,
      `${before}${random.pick([',', 'null', '[[[[', '"', '\\ud800'])}${text.slice(at)}`,
      text + text,
      '',
    ]) ?? ''
  )
}
