import fc from 'fast-check'
import t from 'tap'
import { type HeldPort, type PortWish, portsOfFleet } from '../../../src/components/jvb/ports.ts'
import { resolveSpec } from '../../../src/core/context.ts'

const firstPort = 10_000

function jvbWith(exposure: object, count: number) {
  return resolveSpec({ domain: 'meet.example.org', jvb: { exposure, ports: { count } } }).jvb
}

const oneAddress = { type: 'LoadBalancer', perBridge: false }

const anyPort = fc.integer({ min: firstPort, max: firstPort + 5 })
const anyNode = fc.option(fc.constantFrom('a', 'b'), { nil: undefined })
const fleets = fc.array(fc.record({ node: anyNode, port: anyPort }), { maxLength: 12 })
const wishes = fc.array(
  fc.record({ node: anyNode, refused: fc.array(anyPort, { maxLength: 3 }) }),
  { minLength: 1, maxLength: 8 },
)
const counts = fc.integer({ min: 1, max: 4 })

/** The ports that bridges get one after the other, with what each adds to the held ones. */
function given(
  fleet: readonly HeldPort[],
  asked: readonly PortWish[],
  { exposure = {}, count }: { exposure?: object; count: number },
) {
  const ports = portsOfFleet(jvbWith(exposure, count), fleet)
  const held = [...fleet]
  return asked.map(wish => {
    const port = ports.choose(wish)
    const before = [...held]
    if (port !== undefined) {
      ports.take({ node: wish.node, port })
      held.push({ node: wish.node, port })
    }
    return { wish, port, before }
  })
}

const rangeOf = (count: number) => Array.from({ length: count }, (_, at) => firstPort + at)
const usesIn = (held: readonly HeldPort[]) => (port: number) =>
  held.filter(one => one.port === port).length

t.test('a bridge of a node gets the lowest port that nobody holds there', async t => {
  fc.assert(
    fc.property(fleets, wishes, counts, (fleet, asked, count) => {
      for (const { wish, port, before } of given(fleet, asked, { count })) {
        if (wish.node === undefined) continue
        const taken = before.filter(({ node }) => node === wish.node).map(held => held.port)
        const free = rangeOf(count).filter(
          one => !taken.includes(one) && !wish.refused.includes(one),
        )
        if (port !== free[0]) return false
      }
      return true
    }),
  )
  t.pass('for fleets of all kinds')
})

t.test('a bridge that the scheduler places gets the port that the fewest bridges hold', async t => {
  fc.assert(
    fc.property(fleets, wishes, counts, (fleet, asked, count) => {
      for (const { wish, port, before } of given(fleet, asked, { count })) {
        if (wish.node !== undefined) continue
        const free = rangeOf(count).filter(one => !wish.refused.includes(one))
        const uses = usesIn(before)
        const [best] = free.sort((a, b) => uses(a) - uses(b) || a - b)
        if (port !== best) return false
      }
      return true
    }),
  )
  t.pass('for fleets of all kinds')
})

t.test('behind one address each port serves one bridge', async t => {
  fc.assert(
    fc.property(fleets, wishes, counts, (fleet, asked, count) => {
      const answers = given(fleet, asked, { exposure: oneAddress, count })
      return answers.every(({ wish, port, before }) => {
        const uses = usesIn(before)
        const free = rangeOf(count).filter(one => uses(one) === 0 && !wish.refused.includes(one))
        return port === free[0]
      })
    }),
  )
  t.pass('for fleets of all kinds')
})
