import t from 'tap'
import { bridgesOf } from '../../../src/components/jvb/bridge.ts'
import { outdatedParts, revisionOf } from '../../../src/components/jvb/revision.ts'
import { context } from '../../support/fixtures.ts'
import { contextWith } from './bridges.ts'

const jvb = (parts: Record<string, unknown>) => ({ jvb: parts })

t.test('each change of the spec has a name in what is outdated', async t => {
  const cases: { name: string; spec: Record<string, unknown>; want: string[] }[] = [
    { name: 'nothing', spec: {}, want: [] },
    { name: 'the image', spec: { image: { tag: 'stable-11248' } }, want: ['image'] },
    {
      name: 'an image of its own',
      spec: jvb({ image: 'registry.example/jvb:1' }),
      want: ['image'],
    },
    {
      name: 'a setting',
      spec: { variables: { VIDEOBRIDGE_MAX_MEMORY: '2g' } },
      want: ['environment'],
    },
    {
      name: 'resources, and the configuration that follows from them',
      spec: jvb({ resources: { limits: { cpu: '4', memory: '3Gi' } } }),
      want: ['resources', 'configuration'],
    },
    {
      name: 'the time that preStop waits',
      spec: jvb({ drain: { timeout: '30m' } }),
      want: ['container', 'pod'],
    },
    { name: 'a label', spec: jvb({ labels: { team: 'av' } }), want: ['metadata'] },
    { name: 'where Pods may run', spec: jvb({ nodeSelector: { pool: 'media' } }), want: ['pod'] },
    {
      name: 'how clients reach it',
      spec: jvb({ exposure: { type: 'NodePort' } }),
      want: ['exposure'],
    },
    {
      name: 'one load balancer each instead of one for all',
      spec: jvb({ exposure: { type: 'LoadBalancer', perBridge: true } }),
      want: ['exposure'],
    },
    { name: 'more bridges', spec: jvb({ strategy: { replicas: 7 } }), want: [] },
    { name: 'another topology', spec: jvb({ strategy: { type: 'daemonset' } }), want: [] },
    { name: 'a longer range of ports', spec: jvb({ ports: { count: 40 } }), want: [] },
    { name: 'the pace of a rollout', spec: jvb({ rollout: { maxSurge: 4 } }), want: [] },
    { name: 'the policy at the deadline', spec: jvb({ drain: { policy: 'wait' } }), want: [] },
    { name: 'web', spec: { web: { replicas: 3 } }, want: [] },
  ]
  for (const { name, spec, want } of cases) {
    t.test(name, async t => {
      const [bridge] = bridgesOf(contextWith({ bridges: [{}] }))
      t.same(bridge && outdatedParts(bridge, revisionOf(context({ spec }))), want)
    })
  }
})

t.test('a revision that cannot be read, or lacks a part, says nothing', async t => {
  const { exposure: _, ...older } = revisionOf(context())
  for (const revision of ['torn{', 'null', '7', '{}', JSON.stringify(older)]) {
    const [bridge] = bridgesOf(contextWith({ bridges: [{ revision }] }))
    t.same(bridge && outdatedParts(bridge, revisionOf(context())), [], revision)
  }
})
