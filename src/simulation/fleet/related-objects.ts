import type {
  CustomizeRequest,
  CustomizeResponse,
  ObjectMap,
  RelatedRule,
} from '../../api/metacontroller.ts'
import type { KubeObject } from '../../kube/types.ts'
import { selects } from './selector.ts'
import { controller, objectMap } from './wire.ts'

export type CustomizeHook = (request: CustomizeRequest) => CustomizeResponse

/** What the customize hook asks to be shown beside the children. */
export class RelatedObjects {
  readonly #customize: CustomizeHook | undefined
  readonly #known = new Map<string, { generation: number | undefined; rules: RelatedRule[] }>()

  constructor(customize: CustomizeHook | undefined) {
    this.#customize = customize
  }

  /** Is the object among them? */
  names(parent: KubeObject, object: KubeObject): boolean {
    return this.#rules(parent).some(rule => isRelated(rule, object))
  }

  /** Those of a parent among all objects. */
  among(objects: readonly KubeObject[], parent: KubeObject): ObjectMap {
    const rules = this.#rules(parent)
    return objectMap(
      objects.filter(object => rules.some(rule => isRelated(rule, object))),
      [],
    )
  }

  /** Asked for once per generation of the parent, as Metacontroller does. */
  #rules(parent: KubeObject): RelatedRule[] {
    const { uid = '', generation } = parent.metadata
    const known = this.#known.get(uid)
    if (known?.generation === generation) return known?.rules ?? []
    const rules = this.#customize?.({ controller, parent }).relatedResources ?? []
    this.#known.set(uid, { generation, rules })
    return rules
  }
}

function isRelated(rule: RelatedRule, object: KubeObject): boolean {
  const { metadata } = object
  const resource = `${object.kind.toLowerCase()}s`
  return (
    rule.apiVersion === object.apiVersion &&
    rule.resource === resource &&
    (rule.namespace === undefined || rule.namespace === metadata.namespace) &&
    (rule.names === undefined || rule.names.includes(metadata.name)) &&
    selects(rule.labelSelector, metadata.labels)
  )
}
