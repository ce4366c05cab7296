import t from 'tap'
import { daemonsetSize } from '../../../src/components/jvb/topology.ts'
import { node, threeNodes } from '../../support/cluster.ts'
import { context } from '../../support/fixtures.ts'

const cordoned = node('node-4', '203.0.113.4', { unschedulable: true })

t.test('a daemonset is as large as its nodes and the bridges of each make it', async t => {
  const size = (perNode: number) => {
    const spec = { jvb: { strategy: { type: 'daemonset', perNode } } }
    return daemonsetSize(context({ spec, related: [...threeNodes, cordoned] }))
  }
  t.strictSame([1, 2, 3].map(size), [3, 6, 9])
})
