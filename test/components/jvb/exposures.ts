import { object } from '../../support/fixtures.ts'

/** A Service of this type in front of bridges, as the cluster has it. */
export const balancer = (name: string, ...ingress: { ip?: string; hostname?: string }[]) =>
  object('Service', name, {
    spec: { type: 'LoadBalancer', ports: [{ name: 'media', port: 10000, nodePort: 30500 }] },
    status: { loadBalancer: { ingress } },
  })

export const nodePort = (name: string, port: number) =>
  object('Service', name, {
    spec: { type: 'NodePort', ports: [{ name: 'media', port: 10000, nodePort: port }] },
  })

/** The spec with this way in for media. */
export const exposure = (type: string, more: Record<string, unknown> = {}) => ({
  jvb: { exposure: { type, ...more } },
})
