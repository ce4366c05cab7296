import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { loadAll, YAMLException } from 'js-yaml'
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

/** What a message calls the file. */
export function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file
}

async function contentOf(file: string): Promise<string> {
  try {
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new Mistake(`${nameOf(file)}: ${inWords(error)}`)
  }
}
