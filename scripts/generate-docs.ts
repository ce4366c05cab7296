/*
 * Writes docs/api.md and docs/decisions.md from the source: `npm run docs`. With `--check` it
 * writes nothing and fails where one of them is old.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { apiReference } from './api-reference.ts'
import { decisionPage } from './decision-page.ts'

/** The generated pages of a checkout, by their path in it. */
export function generatedPages(root: string): Map<string, string> {
  return new Map([
    ['docs/api.md', apiReference()],
    ['docs/decisions.md', decisionPage(root)],
  ])
}

/** Paths of pages that are not what the source says. */
export function oldPages(root: string): string[] {
  return [...generatedPages(root)]
    .filter(([path, text]) => textAt(join(root, path)) !== text)
    .map(([path]) => path)
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function run(root: string, check: boolean) {
  const old = oldPages(root)
  for (const path of old) {
    if (check) console.error(`${path} is old: run "npm run docs"`)
    else writeFileSync(join(root, path), generatedPages(root).get(path) ?? '')
  }
  if (check && old.length > 0) process.exitCode = 1
}

// npm runs scripts in the folder of package.json.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  run(process.cwd(), process.argv.includes('--check'))
}
