import t from 'tap'
import { factsToWrite, steadyCount, steadyStress } from '../../src/observer/steady.ts'
import { after, writtenFacts } from './pods.ts'

t.test('stress', async t => {
  const cases = [
    { name: 'starts at the nearest step', measured: 0.26, kept: undefined, want: 0.25 },
    {
      name: 'stays while the measure wobbles around an edge',
      measured: 0.28,
      kept: 0.25,
      want: 0.25,
    },
    { name: 'stays below an edge as well', measured: 0.22, kept: 0.25, want: 0.25 },
    { name: 'moves once the measure is clearly elsewhere', measured: 0.3, kept: 0.25, want: 0.3 },
    { name: 'shows overload above 1', measured: 1.11, kept: 0.95, want: 1.1 },
    { name: 'stays zero with the noise of an idle bridge', measured: 0.03, kept: 0, want: 0 },
  ]
  for (const { name, measured, kept, want } of cases) {
    t.test(name, async t => t.equal(steadyStress(measured, kept), want))
  }
})

t.test('counts', async t => {
  const cases = [
    { name: 'are exact up to five', count: 4, kept: 5, want: 4 },
    { name: 'start at their step', count: 43, kept: undefined, want: 40 },
    { name: 'grow at the edge of a step', count: 48, kept: 40, want: 48 },
    { name: 'stay a little below the edge', count: 45, kept: 48, want: 48 },
    { name: 'fall half a step below the edge', count: 43, kept: 48, want: 40 },
    { name: 'fall to zero', count: 0, kept: 8, want: 0 },
  ]
  for (const { name, count, kept, want } of cases) {
    t.test(name, async t => t.equal(steadyCount(count, kept), want))
  }
})

t.test('facts are written', async t => {
  const at = '2026-03-02T08:01:00Z'
  const load = ['stress'] as const
  const cases = [
    { name: 'never when nothing changed but the time', next: { at }, seconds: 3600, write: false },
    { name: 'at once when a state changed', next: { at, healthy: false }, seconds: 1, write: true },
    {
      name: 'not yet when only load changed',
      next: { at, stress: 0.5 },
      seconds: 29,
      write: false,
    },
    { name: 'after 30 s when load changed', next: { at, stress: 0.5 }, seconds: 30, write: true },
    {
      name: 'when the last writing lies in the future',
      next: { at, stress: 0.5 },
      seconds: -60,
      write: true,
    },
    { name: 'when a key is new', next: { at, version: '2.3' }, seconds: 1, write: true },
  ]
  for (const { name, next, seconds, write } of cases) {
    t.test(name, async t => {
      const facts = writtenFacts(next)
      const toWrite = factsToWrite(facts, writtenFacts(), { load, now: after(seconds) })
      t.equal(toWrite, write ? facts : undefined)
    })
  }
  t.test('when there are none yet', async t => {
    const facts = writtenFacts()
    t.equal(factsToWrite(facts, undefined, { load, now: after(0) }), facts)
  })
})
