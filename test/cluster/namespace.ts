import { hasServiceAccount } from './control-plane.ts'
import type { KubeClient } from './kube-client.ts'
import { until } from './until.ts'

/** Makes a namespace and waits until Pods are welcome in it. */
export async function makeNamespace(
  client: KubeClient,
  name: string,
  labels: Record<string, string> = {},
): Promise<void> {
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  await until(`the service account of ${name}`, () => hasServiceAccount(client, name))
}
