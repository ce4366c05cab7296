import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { loadAll, YAMLException } from 'js-yaml'
import { apiVersion } from '../api/crd.ts'
import { isRecord } from '../kube/record.ts'
import type { KubeObject } from '../kube/types.ts'
import { inWords, Mistake, oneLine } from './mistake.ts'

/** Every document of a YAML or JSON file, `-` being standard input. Throws a Mistake. */
export async function documentsOf(file: string): Promise<unknown[]> {
  const content = await contentOf(file)
  try {
    return loadAll(content).filter(document => document !== null && document !== undefined)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    throw new Mistake(`${nameOf(file)}: neither YAML nor JSON: ${oneLine(error.message)}`)
  }
}

/** The Jitsis in a file, also in a list of kubectl. Throws a Mistake where there is none. */
export async function jitsisOf(file: string): Promise<KubeObject[]> {
  const jitsis = (await documentsOf(file)).flatMap(itemsOf).filter(isJitsi)
  if (jitsis.length > 0) return jitsis
  throw new Mistake(`${nameOf(file)}: no object of apiVersion ${apiVersion} and kind Jitsi in it`)
}

function itemsOf(document: unknown): unknown[] {
  return isRecord(document) && Array.isArray(document.items) ? document.items : [document]
}

function isJitsi(object: unknown): object is KubeObject {
  return (
    isRecord(object) &&
    object.apiVersion === apiVersion &&
    object.kind === 'Jitsi' &&
    isRecord(object.metadata)
  )
}

/** What a message calls the file. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}

/** The text of a file, `-` being standard input. Throws a Mistake. */
export async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new Mistake(`${nameOf(file)}: ${inWords(error)}`)
  }
}
