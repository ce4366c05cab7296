import type { Random } from '../../src/simulation/fleet/random.ts'

/*
 * What nobody should send. Some of it cannot be built as a value (nesting so deep that
 * JSON.stringify gives up, a key `__proto__`), so it stands as a mark in the body until the body
 * is text.
 */

const deepMark = '@deep@'
const deeperMark = '@deeper@'
const prototypeMark = '@prototype@'

/** Values that fit nowhere: of another type, empty, huge, or with a meaning elsewhere. */
const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e9,
  -1e308,
  1e308,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  '$(TOKEN)',
  'x'.repeat(64),
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  '1e99',
  '99999999999999999999',
  '99999999999999d',
  '2026-13-45T99:99:99Z',
  'torn{',
  '{}',
  'null',
  '[null]',
  [],
  {},
  [null],
  [[]],
  [{}],
  { name: null },
  { name: 1 },
  [{ name: 'x', value: 1 }],
  { toString: 1, hasOwnProperty: null, length: -1 },
  prototypeMark,
]

/** Seldom, since each of them makes a call slow. */
const heavyValues: readonly unknown[] = [
  deepMark,
  deeperMark,
  'x'.repeat(200_000),
  Array.from({ length: 20_000 }, (_, index) => index),
  Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key-${index}`, 'x'])),
]

export function hostileValue(random: Random): unknown {
  return random.pick(random.chance(0.01) ? heavyValues : values)
}

/** The body as text, with what stands for the marks. */
export function textOf(body: unknown): string {
  return JSON.stringify(body)
    .replaceAll(`"${deepMark}"`, nested(500))
    .replaceAll(`"${deeperMark}"`, nested(50_000))
    .replaceAll(`"${prototypeMark}"`, prototypeKeys)
}

const nested = (levels: number) => `${'{"a":['.repeat(levels)}${']}'.repeat(levels)}`

const prototypeKeys =
  '{"__proto__":{"polluted":true,"name":"x"},"constructor":{"prototype":{"polluted":true}}}'
