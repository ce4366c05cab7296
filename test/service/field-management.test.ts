import fc from 'fast-check'
import t from 'tap'
import { fieldManagementCut } from '../../src/service/field-management.ts'

/** What is left of JSON that comes in pieces of so many bytes, and in one piece by default. */
function cut(json: string, size = Number.POSITIVE_INFINITY): string {
  const next = fieldManagementCut()
  const bytes = Buffer.from(json)
  const kept: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) kept.push(...next(bytes.subarray(at, at + size)))
  return Buffer.concat(kept).toString()
}

/** What is to come out: the value with every list of that name empty. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === 'managedFields' && Array.isArray(member) ? [] : emptied(member),
    ]),
  )
}

const texts = fc.oneof(
  fc.constantFrom('managedFields', '"managedFields":[', ',"managedFields":["', ']', '\\', '"', 'é'),
  fc.string(),
)

const { value: anyJson } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    texts,
    fc.constantFrom(null, true, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 3 }),
  ),
}))

t.test('lists of field management come out empty, and nothing else changes', async t => {
  const law = fc.property(anyJson, value => {
    t.strictSame(JSON.parse(cut(JSON.stringify(value))), emptied(value))
  })
  fc.assert(law, { numRuns: 2000 })
})

t.test('in pieces the same comes out, but for lists whose key is split', async t => {
  const law = fc.property(anyJson, fc.integer({ min: 1, max: 40 }), (value, size) => {
    t.strictSame(emptied(JSON.parse(cut(JSON.stringify(value), size))), emptied(value))
  })
  fc.assert(law, { numRuns: 2000 })
  const json = '{"a":1,"managedFields":[{"b":"]\\""}],"c":2}'
  const whole = '{"a":1,"managedFields":['.length
  const pieces = Array.from({ length: json.length - whole }, (_, at) => cut(json, whole + at))
  t.same([...new Set(pieces)], ['{"a":1,"managedFields":[],"c":2}'])
})

t.test('the JSON of an object that Metacontroller shows', async t => {
  const object = {
    metadata: {
      managedFields: [
        { fieldsV1: { 'f:spec': { 'k:{"name":"a]"}': { '.': {} } } }, manager: 'kubelet' },
        { fieldsV1: {}, manager: 'x' },
      ],
      name: 'meet-jvb-0',
    },
  }
  t.equal(cut(JSON.stringify(object)), '{"metadata":{"managedFields":[],"name":"meet-jvb-0"}}')
})

t.test('a text that looks like field management is left as it is', async t => {
  const note = JSON.stringify({ note: '{"a":1,"managedFields":[{"manager":"x"}]}' })
  t.equal(cut(note), note)
})

t.test('what breaks off stays broken', async t => {
  for (const json of [
    '{"managedFields":[',
    '{"managedFields":[{"a":"',
    '{"managedFields":[{"a":"\\',
  ]) {
    t.equal(cut(json), '{"managedFields":[')
  }
})
