import fc from 'fast-check'
import t from 'tap'
import { type Figure, propose } from '../../src/autoscaling/proposal.ts'

const tenPercent = { up: 0.1, down: 0.1 }

t.test('proposes what a HorizontalPodAutoscaler would', async t => {
  const cases: {
    name: string
    figures: Figure[]
    current?: number
    target?: number
    want: number
  }[] = [
    { name: 'twice the target asks for twice as many', figures: [100, 100], want: 4 },
    { name: 'half the target asks for half as many', figures: [25, 25, 25, 25], want: 2 },
    { name: 'a part of a bridge is a bridge', figures: [60, 60], want: 3 },
    { name: 'near enough above', figures: [55, 55], want: 2 },
    { name: 'near enough below', figures: [45, 45], want: 2 },
    { name: 'so near below that one of ten might go', figures: new Array(10).fill(45), want: 10 },
    { name: 'just not near enough', figures: [56, 56], want: 3 },
    { name: 'nobody at all', figures: [0, 0, 0], want: 0 },
    { name: 'one bridge full, the others empty', figures: [100, 0, 0, 0], want: 2 },
    { name: 'a missing one counts as empty when growing', figures: [100, 100, 'missing'], want: 4 },
    { name: 'a starting one is the help under way', figures: [100, 100, 'starting'], want: 4 },
    { name: 'enough help is under way', figures: [80, 80, 'starting'], want: 3 },
    {
      name: 'a missing one counts as full when shrinking',
      figures: [10, 10, 10, 'missing'],
      want: 3,
    },
    { name: 'a starting one does not read as idle', figures: [50, 50, 'starting'], want: 3 },
    { name: 'a starting one does not stop shrinking', figures: [10, 10, 10, 'starting'], want: 1 },
    {
      name: 'unknown ones that would turn the direction',
      figures: [40, 'missing', 'missing'],
      want: 3,
    },
    { name: 'on target, whatever is missing', figures: [50, 'missing'], want: 2 },
    {
      name: 'more than running, which are asked for but not there',
      figures: [100, 100],
      current: 6,
      want: 4,
    },
    { name: 'another target', figures: [80, 80], target: 40, want: 4 },
  ]
  for (const { name, figures, current = figures.length, target = 50, want } of cases) {
    t.equal(propose({ figures, current }, target, tenPercent)?.replicas, want, name)
  }
})

t.test('proposes nothing where nothing is known', async t => {
  t.equal(propose({ figures: ['missing', 'starting'], current: 2 }, 50, tenPercent), undefined)
  t.equal(propose({ figures: [], current: 2 }, 50, tenPercent), undefined)
})

t.test('has a tolerance for each direction', async t => {
  const wide = { up: 0.5, down: 0 }
  t.equal(propose({ figures: [70, 70], current: 2 }, 50, wide)?.held, 'WithinTolerance')
  t.equal(propose({ figures: [40, 40, 40, 40, 40], current: 5 }, 50, wide)?.replicas, 4)
})

const figure = fc.oneof(
  fc.integer({ min: 0, max: 110 }),
  fc.constant<Figure>('missing'),
  fc.constant<Figure>('starting'),
)
const figures = fc.array(figure, { minLength: 1, maxLength: 40 })
const target = fc.integer({ min: 10, max: 100 })

function law(name: string, property: (all: Figure[], target: number) => boolean) {
  t.test(name, async t => {
    t.doesNotThrow(() => fc.assert(fc.property(figures, target, property)))
  })
}

const replicas = (all: readonly Figure[], target: number) =>
  propose({ figures: all, current: all.length }, target, tenPercent)?.replicas ?? all.length

law('the order of the bridges does not matter', (all, target) => {
  return replicas(all, target) === replicas([...all].reverse(), target)
})

law('a missing figure never makes the change larger', (all, target) => {
  const known = all.map(one => (typeof one === 'number' ? one : 0))
  const blind = known.map((one, index) => (index === 0 && known.length > 1 ? 'missing' : one))
  const others = known.slice(1)
  const change = (list: readonly Figure[]) => Math.abs(replicas(list, target) - list.length)
  return others.length === 0 || change(blind) <= change(others) + 1
})

law('bridges that start never make fewer be wanted than without them', (all, target) => {
  const known = all.filter(one => typeof one === 'number')
  const current = known.length + 3
  const starting: Figure[] = ['starting', 'starting', 'starting']
  const without = propose({ figures: known, current }, target, tenPercent)
  const beside = propose({ figures: [...known, ...starting], current }, target, tenPercent)
  if (!without || !beside) return without === beside
  // They may only calm a wish for more; they are never load that is not there. The means are cut
  // to whole per cents, which is worth so many bridges at most.
  const rounding = Math.ceil(all.length / target)
  return without.replicas <= current
    ? beside.replicas >= without.replicas
    : beside.replicas >= current && beside.replicas <= without.replicas + rounding
})

law('a higher load never asks for fewer', (all, target) => {
  const known = all.filter(one => typeof one === 'number')
  const higher = known.map(load => load + 7)
  return known.length === 0 || replicas(higher, target) >= replicas(known, target)
})
