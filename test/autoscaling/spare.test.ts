import t from 'tap'
import { loadOfBridge, loadsOf, shareOf } from '../../src/autoscaling/spare.ts'

const bridge = (stress: number, participants: number) => ({ stress, participants })

t.test('measures what a participant takes, where it is least', async t => {
  t.equal(shareOf([bridge(0.8, 80), bridge(0.9, 60)]), 1)
  t.equal(shareOf([bridge(0.4, 100)]), 0.4, 'large bridges')
  t.equal(shareOf([bridge(0.5, 10)]), 1, 'too few to tell')
  t.equal(shareOf([]), 1, 'nobody')
  t.equal(shareOf([bridge(1.1, 20)]), 5, 'odd values are cut off')
  t.equal(shareOf([bridge(0, 40)]), 0.2, 'odd values are cut off')
})

t.test('takes the people of a bridge at its limit for what they are', async t => {
  t.equal(loadOfBridge(bridge(0.5, 500), 1), 50, 'not at its limit: its stress')
  t.equal(loadOfBridge(bridge(1, 180), 1), 180)
  t.equal(loadOfBridge(bridge(1, 20), 1), 100, 'few who send much')
  t.equal(loadOfBridge(bridge(1, 9000), 1), 200, 'odd values are cut off')
})

t.test('adds room and what drains to every load', async t => {
  const two = [bridge(0.5, 50), bridge(0.3, 30)]
  t.strictSame(loadsOf(two, []), [50, 30])
  t.strictSame(loadsOf(two, [], '50%'), [75, 45])
  t.strictSame(loadsOf(two, [], '20'), [60, 40], 'twenty people on two bridges')
  t.strictSame(loadsOf(two, [bridge(0.4, 40)]), [70, 50], 'forty per cent on two bridges')
  t.strictSame(loadsOf([], two, '20'), [], 'no bridge, no load')
})
