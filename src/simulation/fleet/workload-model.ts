import { isDeepStrictEqual } from 'node:util'
import type { Deployment, KubeObject, Service } from '../../kube/types.ts'
import { passwordRead } from './account.ts'
import type { Fleet } from './fleet.ts'
import type { ObjectStore } from './object-store.ts'
import type { Timeline } from './timeline.ts'

export interface WorkloadSettings {
  timeline: Timeline
  store: ObjectStore
  fleetOf: (object: KubeObject) => Fleet
  /** Seconds until a load balancer has an address. */
  loadBalancerSeconds: number
}

const component = 'app.kubernetes.io/component'

/**
 * The controllers of everything that is no bridge: Deployments become ready, each with one Pod;
 * Services get their ports and addresses. A changed prosody or jicofo restarts, and tears down the
 * meetings of its shard.
 */
export class WorkloadModel {
  /** Restarts of prosody or jicofo, with the meetings that each tore down. */
  readonly restarts: { at: number; component: string; meetings: number }[] = []
  readonly #settings: WorkloadSettings
  #nodePorts = 30_000
  #clusterIps = 0
  #balancers = 0

  constructor(settings: WorkloadSettings) {
    this.#settings = settings
    settings.store.watch(({ before, after }) => {
      if (after?.kind === 'Deployment' || after?.kind === 'StatefulSet') {
        this.#workload(before as Deployment | undefined, after as Deployment)
      } else if (after?.kind === 'Service' && before === undefined) {
        this.#service(after as Service)
      } else if (before && before.kind !== 'Pod' && after === undefined) this.#orphan(before)
    })
  }

  #workload(before: Deployment | undefined, after: Deployment): void {
    const changed = !isDeepStrictEqual(before?.spec?.template, after.spec?.template)
    if (!changed) return
    if (before) this.#restart(before)
    const { timeline, store } = this.#settings
    this.#makeAccounts(after)
    timeline.in(5, () => {
      store.patch(after, current => ({
        ...current,
        status: {
          observedGeneration: current.metadata.generation,
          ...Object.fromEntries(
            ['replicas', 'readyReplicas', 'updatedReplicas', 'availableReplicas'].map(count => [
              count,
              after.spec?.replicas ?? 1,
            ]),
          ),
        },
      }))
      this.#replacePod(after)
    })
  }

  /** Prosody makes the accounts of components at each start, with the passwords of that moment. */
  #makeAccounts({ apiVersion, kind, metadata, spec }: Deployment): void {
    if (metadata.labels?.[component] !== 'prosody') return
    const { store, fleetOf } = this.#settings
    const { namespace } = metadata
    fleetOf({ apiVersion, kind, metadata }).password = passwordRead(store, {
      spec: spec?.template.spec,
      namespace,
    })
  }

  #restart({ metadata }: Deployment): void {
    const name = metadata.labels?.[component] ?? ''
    if (name !== 'prosody' && name !== 'jicofo') return
    const { timeline, fleetOf } = this.#settings
    const fleet = fleetOf({ apiVersion: 'apps/v1', kind: 'Deployment', metadata })
    const before = fleet.tally().meetingsReformed
    fleet.restartSignalling(0)
    const meetings = fleet.tally().meetingsReformed - before
    this.restarts.push({ at: timeline.seconds, component: name, meetings })
  }

  /** One Pod for each Deployment: what the observer and the plan see of jicofo. */
  #replacePod({ metadata, spec }: Deployment): void {
    const { store } = this.#settings
    const name = `${metadata.name}-pod`
    const former = store.get('Pod', name, metadata.namespace)
    if (former) store.remove(former)
    store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        ...(metadata.namespace && { namespace: metadata.namespace }),
        labels: spec?.template.metadata?.labels ?? {},
        annotations: spec?.template.metadata?.annotations ?? {},
      },
      spec: spec?.template.spec ?? { containers: [] },
    })
  }

  #orphan({ kind, metadata }: KubeObject): void {
    if (kind !== 'Deployment' && kind !== 'StatefulSet') return
    const pod = this.#settings.store.get('Pod', `${metadata.name}-pod`, metadata.namespace)
    if (pod) this.#settings.store.remove(pod)
  }

  #service(service: Service): void {
    const { timeline, store, loadBalancerSeconds } = this.#settings
    const { type = 'ClusterIP', ports = [], clusterIP } = service.spec ?? {}
    const exposed = type === 'NodePort' || type === 'LoadBalancer'
    store.patch(service, current => ({
      ...current,
      spec: {
        ...(current as Service).spec,
        type,
        clusterIP: clusterIP ?? `10.96.0.${++this.#clusterIps}`,
        ports: ports.map(port => (exposed ? { ...port, nodePort: this.#nodePorts++ } : port)),
      },
    }))
    if (type !== 'LoadBalancer') return
    timeline.in(loadBalancerSeconds, () => {
      const ip = `198.51.100.${++this.#balancers}`
      store.patch(service, current => ({
        ...current,
        status: { loadBalancer: { ingress: [{ ip }] } },
      }))
    })
  }
}
