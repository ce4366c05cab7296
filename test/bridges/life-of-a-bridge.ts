import { readFileSync } from 'node:fs'
import type { JitsiStatus } from '../../src/api/jitsi-status.ts'
import type { Law } from './law.ts'

const page = readFileSync('docs/bridges.md', 'utf8')
const [, diagram = ''] = /```mermaid\nstateDiagram-v2([\s\S]*?)```/.exec(page) ?? []

/** The arrows of the diagram in docs/bridges.md, as `Pending Starting`. */
export const arrows: ReadonlySet<string> = new Set(
  [...diagram.matchAll(/^ {2}(\S+) --> (\w+)/gm)].map(([, from, to]) => `${from} ${to}`),
)

/** What the page says of every state. */
const fromAnywhere = ['Failed', 'Terminating']

/** What a bridge may be when it is seen first. */
const firstSeen = ['Pending', 'Starting', ...fromAnywhere]

const mayBecome = (before: string, state: string) =>
  before === state || fromAnywhere.includes(state) || arrows.has(`${before} ${state}`)

/** People read in the diagram what may become of a bridge. */
export const lifeAsDrawn: Law = {
  name: 'the state of a bridge changes as docs/bridges.md shows',
  watch: (school, broken) => {
    // Who is shown an older view sees an older state.
    if (school.staleness > 0) return {}
    const last = new Map<string, string>()
    return {
      plan: ({ plan }) => {
        const { bridges = [] } = plan.response.status as JitsiStatus
        for (const { name, state } of bridges) {
          const before = last.get(name)
          if (!(before ? mayBecome(before, state) : firstSeen.includes(state))) {
            broken(`${name} was ${before ?? 'not there'} and is ${state}`)
          }
          last.set(name, state)
        }
      },
    }
  },
}
