import t from 'tap'
import { bridgesOf } from '../../src/components/jvb/bridge.ts'
import { carrying } from '../../src/core/fleet-load.ts'
import { ago, contextWith, type Seen } from '../components/jvb/bridges.ts'

const at = (stress: number, more: Seen = {}): Seen => ({ ...more, facts: { stress } })

t.test('the fewest bridges that carry what is there', async t => {
  const cases: { name: string; bridges: Seen[]; want: number }[] = [
    { name: 'nothing', bridges: [at(0), at(0)], want: 0 },
    { name: 'one that is full', bridges: [at(0.8), at(0)], want: 1 },
    { name: 'a little more than one', bridges: [at(0.8), at(0.01)], want: 2 },
    { name: 'two halves', bridges: [at(0.4), at(0.4)], want: 1 },
    { name: 'one that drains', bridges: [at(0.4), at(0.8, { intent: 'drain' })], want: 2 },
    {
      name: 'one that does not answer',
      bridges: [{ facts: { reachable: false, since: ago(20) } }],
      want: 1,
    },
  ]
  for (const { name, bridges, want } of cases) {
    const context = contextWith({ bridges })
    t.equal(carrying(context, bridgesOf(context)), want, name)
  }
})
