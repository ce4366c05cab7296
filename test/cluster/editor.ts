import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rightsUsed } from './audit.ts'
import { type ControlPlane, usernames } from './control-plane.ts'
import { makeNamespace } from './namespace.ts'
import { repositoryRoot } from './repository.ts'
import { until } from './until.ts'

const run = promisify(execFile)
const namespace = 'edited'

/** A person does with kubectl what the roles for people in the chart are there for. */
export async function editJitsi(plane: ControlPlane): Promise<void> {
  await makeNamespace(plane.client, namespace)
  await giveRoles(plane)
  const flags = [`--kubeconfig=${plane.kubeconfig('person')}`, `--namespace=${namespace}`]
  const kubectl = (...args: string[]) => run(plane.kubectl, [...flags, ...args])
  const file = join(repositoryRoot, 'examples/static-three.yaml')
  await until('the rights in force', () => kubectl('create', '-f', file))
  const seen = '--for=jsonpath={.metadata.labels.seen}=yes'
  const noticed = kubectl('wait', 'jitsi', '--all', seen, '--timeout=2m')
  await until('somebody watching', async () =>
    (await rightsUsed(plane.auditLog)).has('jitsi-operator-view: apps.jit.si/jitsis watch'),
  )
  await kubectl('label', 'jitsi', '--all', 'seen=yes')
  await noticed
  // It does not try again where the operator wrote a status at that moment.
  await until('another spec', () => kubectl('replace', '-f', file))
  await kubectl('scale', 'jitsi', '--all', '--replicas=2')
  await kubectl('scale', 'jitsi', '--all', '--replicas=1', '--current-replicas=2')
  await kubectl('delete', '-f', file)
}

/** As the roles `view` and `edit` have it by aggregation, but so that the audit log tells apart. */
async function giveRoles({ client }: ControlPlane): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io'
  for (const name of ['jitsi-operator-view', 'jitsi-operator-edit']) {
    await client.apply({
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: [{ apiGroup, kind: 'User', name: usernames.person }],
    })
  }
}
