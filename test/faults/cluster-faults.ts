import { setTimeout as pause } from 'node:timers/promises'
import { addOnCrds } from '../cluster/install.ts'
import { referenceTo } from '../cluster/kube-client.ts'
import { installCrds } from '../cluster/metacontroller.ts'
import { until } from '../cluster/until.ts'
import type { ClusterSite, Faults } from './fault.ts'
import { breaksOff } from './hook-faults.ts'
import { persist } from './persist.ts'

/* What happens to the programs of the cluster, and so to all installations at once. */

/** The process of the service dies with half an answer sent, and is started again. */
async function hookKilled({ world }: ClusterSite): Promise<void> {
  const { service, plane, hookFront } = world
  await plane.programs.mustRun(service.program)
  await hookFront.arm('/jitsi/sync', async call => {
    await breaksOff(call).finally(() => plane.programs.kill(service.program))
  })
  plane.programs.again(service.program)
  await service.ready()
}

async function metacontrollerKilled({ world }: ClusterSite): Promise<void> {
  await world.restartMetacontroller()
}

async function apiserverRestarted({ world }: ClusterSite): Promise<void> {
  const { programs, client } = world.plane
  await programs.kill('kube-apiserver')
  programs.again('kube-apiserver')
  await until('kube-apiserver', async () => (await client.raw<string>('/readyz')) === 'ok')
}

async function etcdSlow({ world, random }: ClusterSite): Promise<void> {
  const { programs } = world.plane
  for (let stops = random.whole(1, 4); stops > 0; stops--) {
    programs.signal('etcd', 'SIGSTOP')
    await pause(random.between(300, 3000))
    programs.signal('etcd', 'SIGCONT')
    await pause(random.between(50, 500))
  }
}

/** Somebody uninstalls the Prometheus operator, and installs it again. */
async function crdRemoved({ world, random }: ClusterSite): Promise<void> {
  const { client } = world.plane
  const crd = addOnCrds().find(({ metadata }) => metadata.name.startsWith('podmonitors'))
  if (!crd) throw new Error('no CRD of PodMonitors')
  await persist(() => client.remove(referenceTo(crd)))
  await until('the CRD gone', async () => !(await client.find(referenceTo(crd))))
  await pause(random.between(500, 4000))
  await persist(() => installCrds(world.plane, [crd]))
}

export const clusterFaults: Faults<ClusterSite> = {
  'hook process killed mid-answer': hookKilled,
  'Metacontroller killed': metacontrollerKilled,
  'API server killed': apiserverRestarted,
  'etcd slow': etcdSlow,
  'CRD of an optional kind removed': crdRemoved,
}
