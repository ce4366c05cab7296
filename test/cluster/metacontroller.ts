import type { KubeObject } from '../../src/kube/types.ts'
import { chartValues } from '../chart/chart.ts'
import { type ControlPlane, condition } from './control-plane.ts'
import { referenceTo } from './kube-client.ts'
import { metacontrollerCrds } from './metacontroller-crds.ts'
import { freePorts } from './programs.ts'
import { startStandIn } from './stand-in/stand-in.ts'
import { until } from './until.ts'

/** A running Metacontroller, real or played. */
export interface Metacontroller {
  name: 'metacontroller' | 'stand-in'
  stop: () => Promise<void>
  /** The stand-in's errors; the real one writes `metacontroller.log` into the plane's folder. */
  errors: readonly string[]
}

/** The Metacontrollers that this machine has: the stand-in, and what METACONTROLLER_BIN names. */
export function metacontrollers(): Metacontroller['name'][] {
  return process.env.METACONTROLLER_BIN ? ['stand-in', 'metacontroller'] : ['stand-in']
}

/**
 * Starts Metacontroller against a control plane, with the CRDs that it works with: the real binary
 * when METACONTROLLER_BIN names one, else the stand-in. It has the rights of its user, no more.
 */
export async function startMetacontroller(
  plane: ControlPlane,
  name: Metacontroller['name'] = process.env.METACONTROLLER_BIN ? 'metacontroller' : 'stand-in',
): Promise<Metacontroller> {
  await installCrds(plane, metacontrollerCrds())
  return name === 'stand-in' ? standIn(plane) : real(plane)
}

/** Applies CRDs and returns when the API server serves them. */
export async function installCrds({ client }: ControlPlane, crds: KubeObject[]): Promise<void> {
  for (const crd of crds) await client.apply(crd)
  for (const crd of crds) {
    await until(`${crd.metadata.name} established`, async () => {
      const stored = await client.find(referenceTo(crd))
      return stored && condition(stored, 'Established') === 'True'
    })
  }
}

async function standIn(plane: ControlPlane): Promise<Metacontroller> {
  const { stop, errors } = await startStandIn(plane.access('metacontroller'))
  return { name: 'stand-in', errors, stop: async () => stop() }
}

/** How many Jitsis at once, and how many calls a second: what the chart gives Metacontroller. */
function paceOfTheChart(): string[] {
  return chartValues.metacontroller.commandArgs.filter(it => /^--(workers|client-go-\w+)=/.test(it))
}

async function real(plane: ControlPlane): Promise<Metacontroller> {
  const [metrics, health] = await freePorts(2)
  const ready = `http://127.0.0.1:${health}/readyz`
  plane.programs.start('metacontroller', {
    path: process.env.METACONTROLLER_BIN ?? '',
    args: [
      `--kubeconfig=${plane.kubeconfig('metacontroller')}`,
      ...paceOfTheChart(),
      '--discovery-interval=2s',
      `--metrics-address=127.0.0.1:${metrics}`,
      `--health-probe-bind-address=127.0.0.1:${health}`,
    ],
  })
  await until('metacontroller', async () => {
    await plane.programs.mustRun('metacontroller')
    return (await fetch(ready)).ok
  })
  return {
    name: 'metacontroller',
    errors: [],
    stop: () => plane.programs.stop('metacontroller'),
  }
}
