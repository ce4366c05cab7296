import { isDeepStrictEqual } from 'node:util'
import { type Access, KubeClient } from '../kube-client.ts'
import { type Environment, type Running, startComposite } from './composite.ts'
import { startDecorator } from './decorator.ts'
import { type Informer, Informers } from './informer.ts'
import { WorkQueue } from './work-queue.ts'

const controllers = [
  { resource: 'compositecontrollers', start: startComposite },
  { resource: 'decoratorcontrollers', start: startDecorator },
]

interface Started {
  spec: unknown
  running: Running
}

/** A stand-in for Metacontroller that runs in this process. */
export interface StandIn {
  stop: () => void
  /** What it would have logged as errors, oldest first. */
  errors: readonly string[]
}

/**
 * Plays Metacontroller, following its documented behaviour for what this project uses of it:
 * CompositeControllers with generateSelector and v2 hooks `sync` and `customize`, strategies
 * OnDelete, InPlace and Recreate with dynamic apply, and DecoratorControllers with v2 `sync` that
 * write labels and annotations. Everything else is refused loudly. Not played: adoption and release
 * of orphans, events, and the client's rate limit.
 */
export async function startStandIn(access: Access): Promise<StandIn> {
  const client = new KubeClient(access)
  const informers = new Informers(client)
  const errors: string[] = []
  const onError = (about: string, error: unknown) => errors.push(`${about}: ${String(error)}`)
  const ends: (() => void)[] = []
  const stop = () => {
    for (const end of ends) end()
    informers.stop()
    client.close()
  }
  const crash = (why: string): never => {
    onError('crash', why)
    stop()
    throw new Error(`Metacontroller would have crashed: ${why}`)
  }
  const environment: Environment = { client, informers, onError, crash }
  for (const { resource, start } of controllers) {
    const informer = await informers.of({ apiVersion: 'metacontroller.k8s.io/v1alpha1', resource })
    ends.push(supervise({ informer, start, environment }))
  }
  return { stop, errors }
}

interface Supervised {
  informer: Informer
  start: typeof startComposite
  environment: Environment
}

/** Runs one controller for each object of a kind; only a change of its spec restarts it. */
function supervise({ informer, start, environment }: Supervised): () => void {
  const started = new Map<string, Started>()
  const end = (name: string) => {
    started.get(name)?.running.stop()
    started.delete(name)
  }
  const reconcile = async (name: string) => {
    const object = informer.get(undefined, name)
    if (object && isDeepStrictEqual(started.get(name)?.spec, object.spec)) return
    end(name)
    if (object) started.set(name, { spec: object.spec, running: await start(object, environment) })
  }
  const queue = new WorkQueue(reconcile, environment.onError, 1)
  const stopListening = informer.listen(({ previous, current }) => {
    queue.add((current ?? previous)?.metadata.name ?? '')
  })
  return () => {
    stopListening()
    queue.stop()
    for (const name of started.keys()) end(name)
  }
}
