import type { BridgeWishes } from '../cluster/bridge-pods.ts'

/** Bridges so small that those of all lanes fit on a few nodes. */
const small = {
  requests: { cpu: '50m', memory: '64Mi' },
  limits: { cpu: '50m', memory: '64Mi' },
}

const two = { strategy: { type: 'static', replicas: 2 } }

/** Bridges of each kind of installation, in turns. */
export const shapes: readonly BridgeWishes[] = [
  { ...two, ports: { udp: 10000, count: 60 } },
  { ...two, exposure: { type: 'NodePort' } },
  {
    strategy: { type: 'daemonset' },
    nodeSelector: { 'example.org/pool': 'media' },
    ports: { udp: 10100, count: 60 },
  },
  {
    strategy: { type: 'autoscaled', minReplicas: 2, maxReplicas: 4 },
    autoscaling: { metric: { source: 'stress' } },
    ports: { udp: 10200, count: 60 },
  },
].map(shape => ({ resources: small, ...shape }))
