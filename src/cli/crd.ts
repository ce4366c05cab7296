import { dump } from 'js-yaml'
import { jitsiCrd } from '../api/crd.ts'

/** The CustomResourceDefinition as YAML. */
export function crdYaml(): string {
  return dump(jitsiCrd(), { noRefs: true, lineWidth: 100 })
}
