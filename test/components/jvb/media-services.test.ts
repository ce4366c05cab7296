import t from 'tap'
import type { KubeObject } from '../../../src/kube/types.ts'
import { only } from '../../support/fixtures.ts'
import { answer, type Seen, type Situation } from './bridges.ts'
import { balancer, exposure, nodePort } from './exposures.ts'

t.test('the Services of bridges', async t => {
  const services = (situation: Situation) =>
    answer(situation).objects.filter(({ kind }) => kind === 'Service')
  const names = (objects: readonly KubeObject[]) =>
    objects.map(({ metadata }) => metadata.name).sort()
  const ports = (service: KubeObject) =>
    (service.spec as { ports: { port: number; targetPort: string }[] }).ports

  t.test('are one for each bridge with NodePort, terminating ones included', async t => {
    const bridges = [{}, { graceLeft: 600 }]
    t.same(names(services({ spec: exposure('NodePort'), bridges, desired: 1 })), [
      'meet-jvb',
      'meet-jvb-0',
      'meet-jvb-1',
    ])
  })
  t.test('stay for a bridge that is removed, until its Pod is gone', async t => {
    const bridges: Seen[] = [{}, { status: { phase: 'Failed' } }]
    t.ok(
      names(services({ spec: exposure('NodePort'), bridges, desired: 1 })).includes('meet-jvb-1'),
    )
  })
  t.test(
    'declare every port of a shared address at once, so that scaling never edits it',
    async t => {
      const spec = { jvb: { ports: { udp: 4000, count: 3 }, exposure: { type: 'LoadBalancer' } } }
      const [bridge] = [{ port: 4001 }]
      const few = only(services({ spec, bridges: [] }), 'Service', 'meet-jvb-media')
      const more = only(
        services({ spec, bridges: [bridge], desired: 2 }),
        'Service',
        'meet-jvb-media',
      )
      t.same(
        ports(few).map(({ port }) => port),
        [4000, 4001, 4002],
      )
      t.same(more, few)
    },
  )
  t.test('keep the ports of bridges that another range does not name, in order', async t => {
    const spec = { jvb: { ports: { udp: 4000, count: 2 }, exposure: { type: 'LoadBalancer' } } }
    const bridges = [10000, 3000].map((port, index) => ({
      index,
      port,
      portName: `media-${port}`,
    }))
    const shared = only(services({ spec, bridges }), 'Service', 'meet-jvb-media')
    t.same(
      ports(shared).map(({ port }) => port),
      [3000, 4000, 4001, 10000],
    )
    t.equal(new Set(ports(shared).map(({ targetPort }) => targetPort)).size, 4, 'each reaches one')
  })
  t.test('keep the port that a bridge of its own load balancer advertises', async t => {
    const spec = {
      jvb: { ports: { udp: 20000 }, exposure: { type: 'LoadBalancer', perBridge: true } },
    }
    const own = balancer('meet-jvb-0', { ip: '198.51.100.10' })
    const kept = only(services({ spec, bridges: [{}], services: [own] }), 'Service', 'meet-jvb-0')
    t.match(ports(kept), [{ port: 10000 }])
  })
  t.test('live as long as the bridges that need them, whatever the exposure is now', async t => {
    const own = nodePort('meet-jvb-0', 30123)
    const situation = { spec: exposure('HostPort'), bridges: [{}], services: [own] }
    t.match(only(services(situation), 'Service', 'meet-jvb-0').spec, { type: 'NodePort' })
    const shared = balancer('meet-jvb-media', { ip: '198.51.100.9' })
    const bridges = [{ portName: 'media-10000' }]
    const sharing = { ...situation, bridges, services: [shared] }
    t.match(only(services(sharing), 'Service', 'meet-jvb-media').spec, { type: 'LoadBalancer' })
    t.same(names(services({ ...sharing, bridges: [] })), ['meet-jvb'], 'and not longer')
  })
  t.test('keep their type while the bridge behind them was made for it', async t => {
    const own = balancer('meet-jvb-0', { ip: '198.51.100.10' })
    const situation = { spec: exposure('NodePort'), bridges: [{}], services: [own] }
    t.match(only(services(situation), 'Service', 'meet-jvb-0').spec, { type: 'LoadBalancer' })
  })
})
