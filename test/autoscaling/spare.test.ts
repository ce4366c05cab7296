import t from 'tap'
import type { BridgeFacts } from '../../src/api/facts.ts'
import { shareOf, withSpare } from '../../src/autoscaling/spare.ts'

const bridge = (stress: number, participants: number) => ({ stress, participants }) as BridgeFacts

t.test('measures what a participant takes', async t => {
  t.equal(shareOf({ stress: 0.8, people: 80 }), 1)
  t.equal(shareOf({ stress: 0.4, people: 100 }), 0.4, 'large bridges')
  t.equal(shareOf({ stress: 0.5, people: 10 }), 1, 'too few to tell')
  t.equal(shareOf({ stress: 0, people: 0 }), 1, 'nobody')
  t.equal(shareOf({ stress: 1.1, people: 20 }), 5, 'odd values are cut off')
  t.equal(shareOf({ stress: 0, people: 40 }), 0.2, 'odd values are cut off')
})

t.test('adds room to every load', async t => {
  const two = [bridge(0.5, 50), bridge(0.3, 30)]
  t.equal(withSpare(two, undefined)(40), 40)
  t.equal(withSpare(two, '25%')(40), 50)
  t.equal(withSpare(two, '20')(40), 50, 'twenty people on two bridges')
  t.equal(withSpare([], '20')(40), 40, 'no bridge, no room')
})
