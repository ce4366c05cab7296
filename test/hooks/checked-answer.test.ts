import t from 'tap'
import type { SyncResponse } from '../../src/api/metacontroller.ts'
import { checkedAnswer } from '../../src/hooks/checked-answer.ts'

const child = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'meet-web' } }

t.test('an answer in order goes through as it is', async t => {
  const answers: SyncResponse[] = [
    { status: {}, children: [] },
    { status: { url: 'x' }, children: [child], resyncAfterSeconds: 2.5 },
    { status: {}, children: [child, { ...child, kind: 'Deployment' }] },
    {
      status: {},
      children: [child, { ...child, metadata: { name: 'meet-web', namespace: 'elsewhere' } }],
    },
  ]
  for (const answer of answers) t.equal(checkedAnswer(answer), answer)
})

t.test('an answer that would do harm does not', async t => {
  const cases = [
    { name: 'no status', answer: { children: [] }, want: /no status/ },
    { name: 'status null', answer: { status: null, children: [] }, want: /no status/ },
    { name: 'no children', answer: { status: {} }, want: /no list of children/ },
    { name: 'children by name', answer: { status: {}, children: {} }, want: /no list of children/ },
    { name: 'null child', answer: { status: {}, children: [child, null] }, want: /child 1 lacks/ },
    {
      name: 'child undefined',
      answer: { status: {}, children: [undefined] },
      want: /child 0 lacks/,
    },
    { name: 'a list as child', answer: { status: {}, children: [[child]] }, want: /child 0 lacks/ },
    {
      name: 'no apiVersion',
      answer: { status: {}, children: [{ kind: 'Service', metadata: child.metadata }] },
      want: /lacks apiVersion, kind or name/,
    },
    {
      name: 'an empty kind',
      answer: { status: {}, children: [{ ...child, kind: '' }] },
      want: /lacks apiVersion, kind or name/,
    },
    {
      name: 'no name',
      answer: { status: {}, children: [{ ...child, metadata: { generateName: 'x-' } }] },
      want: /lacks apiVersion, kind or name/,
    },
    {
      name: 'a child twice',
      answer: { status: {}, children: [child, child] },
      want: /is there twice/,
    },
    {
      name: 'a resync that is no number',
      answer: { status: {}, children: [], resyncAfterSeconds: Number.NaN },
      want: /NaN/,
    },
    {
      name: 'a resync in the past',
      answer: { status: {}, children: [], resyncAfterSeconds: -1 },
      want: /-1/,
    },
  ]
  for (const { name, answer, want } of cases) {
    t.test(name, async t => {
      t.throws(() => checkedAnswer(answer as unknown as SyncResponse), { message: want })
    })
  }
})
