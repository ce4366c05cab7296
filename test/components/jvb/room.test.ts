import t from 'tap'
import type { Bridge } from '../../../src/components/jvb/bridge.ts'
import { roomInFleet } from '../../../src/components/jvb/room.ts'

const bridge = (state: Bridge['state'], stress: number, reachable = true) =>
  ({ state, facts: { reachable, stress } }) as unknown as Bridge

t.test('others have room while their mean with its people stays below 0.8', async t => {
  for (const [others, own, room] of [
    [[0.3, 0.3], 0.5, true],
    [[0.5, 0.5], 0.7, false],
    [[0.7], 0.05, true],
    [[], 0, false],
  ] as const) {
    const leaving = bridge('Draining', own)
    const serving = bridge('Serving', own)
    const rest = others.map(stress => bridge('Serving', stress))
    t.equal(roomInFleet([...rest, leaving])(leaving), room, `${own} to ${others}, draining`)
    t.equal(roomInFleet([...rest, serving])(serving), room, `${own} to ${others}, serving`)
  }
})

t.test('bridges that do not answer or do not serve have no room for anybody', async t => {
  const leaving = bridge('Draining', 0.1)
  const silent = bridge('Serving', 0, false)
  t.notOk(roomInFleet([leaving, silent, bridge('Starting', 0)])(leaving))
})

t.test('one of which nothing is known counts as half full', async t => {
  const unknown = { state: 'Draining' } as Bridge
  t.ok(roomInFleet([unknown, bridge('Serving', 0.2)])(unknown))
  t.notOk(roomInFleet([unknown, bridge('Serving', 0.4)])(unknown))
})
