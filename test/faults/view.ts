import { childKinds } from '../cluster/jitsi-lab.ts'
import type { KubeClient, LiveObject } from '../cluster/kube-client.ts'
import type { Kind } from '../cluster/snapshot.ts'
import { Informer, type Listener } from '../cluster/stand-in/informer.ts'

const jitsis = { apiVersion: 'apps.jit.si/v1alpha1', kind: 'Jitsi' }

/** All objects that a Jitsi can consist of, kept current by watches of the administrator's own. */
export class View {
  private readonly informers: readonly Informer[]

  private constructor(informers: readonly Informer[]) {
    this.informers = informers
  }

  static async open(client: KubeClient): Promise<View> {
    const informers = await Promise.all([jitsis, ...childKinds].map(kind => follow(client, kind)))
    await Promise.all(informers.map(({ synced }) => synced))
    return new View(informers)
  }

  close(): void {
    for (const informer of this.informers) informer.stop()
  }

  /** Everything of these kinds in a namespace, whoever owns it. */
  in(namespace: string): LiveObject[] {
    return this.informers
      .flatMap(informer => informer.list())
      .filter(({ metadata }) => metadata.namespace === namespace)
  }

  /** What the Jitsi of a namespace owns itself. */
  childrenIn(namespace: string): LiveObject[] {
    return this.in(namespace).filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ kind }) => kind === 'Jitsi'),
    )
  }

  /** All objects of one kind. */
  all(kind: string): LiveObject[] {
    return this.informers
      .filter(({ resource }) => resource.kind === kind)
      .flatMap(informer => informer.list())
  }

  listen(kind: string, listener: Listener): void {
    for (const informer of this.informers) {
      if (informer.resource.kind === kind) informer.listen(listener)
    }
  }
}

async function follow(client: KubeClient, { apiVersion, kind }: Kind): Promise<Informer> {
  const resource = await client.discover(apiVersion, it => it.kind === kind)
  if (!resource) throw new Error(`no ${kind} in ${apiVersion}`)
  return new Informer(client, resource)
}
