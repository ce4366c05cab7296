import { cpus } from 'node:os'
import type { FleetSize } from './fleet.ts'
import { planCost } from './growth.ts'
import { costRatios, type HookCalls, hookCalls } from './hook-calls.ts'
import { atRestMs, type Looks, memory } from './memory.ts'
import { situations } from './situations.ts'
import { nodeSize, podSize } from './sizes.ts'
import { starts } from './starts.ts'
import { figure, table } from './table.ts'
import { throughput } from './throughput.ts'

/*
 * Figures for docs/performance.md, as Markdown tables. Usage: npm run bench [-- PART…]
 * Parts: sizes, calls, growth, throughput, start (these by default), memory, which takes minutes
 * more, and leak, which takes long.
 */

const parts: Record<string, () => Promise<void>> = {
  sizes,
  calls,
  growth,
  throughput: rate,
  start: ready,
  memory: size,
  leak,
}
const usual = ['sizes', 'calls', 'growth', 'throughput', 'start']
const wanted = process.argv.slice(2)

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`)
for (const part of wanted.length > 0 ? wanted : usual) {
  const run = parts[part]
  if (!run) throw new Error(`${part} is no part; there are ${Object.keys(parts).join(', ')}`)
  await run()
}

async function sizes() {
  const fleets: FleetSize[] = [
    { bridges: 1000, strategy: 'static' },
    { bridges: 1000, strategy: 'daemonset' },
    { bridges: 1000, strategy: 'static', lean: true },
  ]
  const rows = fleets.map(fleet => {
    const { whole, managedFields, lastApplied, spec, status } = podSize(fleet)
    return [nameOf(fleet), ...[whole, managedFields, lastApplied, spec, status].map(kilobytes)]
  })
  show('A bridge in a request (KB)', [
    ['fleet', 'Pod', 'field management', 'applied last', 'spec', 'status'],
    ...rows,
  ])
  const node = nodeSize()
  console.log(`A Node: ${kilobytes(node.whole)} KB, its images ${kilobytes(node.images)}`)
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}

async function calls() {
  const sizes: FleetSize[] = [
    ...[1, 10, 100, 1000].map(bridges => ({ bridges, strategy: 'static' as const })),
    ...[10, 100, 1000].map(bridges => ({ bridges, strategy: 'daemonset' as const })),
    { bridges: 1000, strategy: 'static', lean: true },
  ]
  const rows: string[][] = []
  for (const size of sizes) rows.push([nameOf(size), ...rowOf(await hookCalls(size))])
  show('Calls of the hook over HTTP', [
    [
      'fleet',
      'MB in',
      'MB out',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      'empty route',
      'floor',
      '× empty',
      '× floor',
    ],
    ...rows,
  ])
  for (const strategy of ['static', 'daemonset'] as const) {
    const ratios = await costRatios({ bridges: 1000, strategy }, { bridges: 100, strategy })
    const [hook, floor] = [ratios.hook, ratios.floor].map(figure)
    console.log(`${strategy}: t(1000) / t(100) = ${hook}, of the floor ${floor}`)
  }
}

function nameOf({ strategy, bridges, lean }: FleetSize): string {
  return `${strategy}, ${bridges}${lean ? ', lean Pods' : ''}`
}

function rowOf({ bytesIn, bytesOut, p50, p99, hook, emptyRoute, floor, ...times }: HookCalls) {
  const ratios = [times.timesEmptyRoute, times.timesFloor]
  return [bytesIn / 1e6, bytesOut / 1e6, p50, p99, hook, emptyRoute, floor, ...ratios].map(figure)
}

async function growth() {
  const rows = situations.map(({ name, request }) => {
    const [small, large] = [request(1000), request(10_000)] as const
    planCost(small)
    const costs = [planCost(small), planCost(large)] as const
    return [name, ...costs.map(figure), figure(costs[1] / costs[0])]
  })
  show('The plan alone, in process (CPU ms)', [['situation', '1,000', '10,000', 'ratio'], ...rows])
}

async function rate() {
  const { hook, emptyRoute } = await throughput({ bridges: 10, strategy: 'static' })
  show('Throughput at 10 bridges', [
    ['', 'calls a second of CPU'],
    ['hook', figure(hook)],
    ['empty route', figure(emptyRoute)],
  ])
}

async function ready() {
  const sorted = (await starts(15)).toSorted((a, b) => a - b)
  const spread = [0, 7, 14].map(at => figure(sorted[at] ?? Number.NaN))
  show('Start until /readyz says ok (ms)', [['least', 'middle', 'most'], spread])
}

async function size() {
  await residentTable(1000, { calls: [10, 100, 1000], restMs: atRestMs })
}

/** So many calls that each of them may leave no more than a few bytes. */
async function leak() {
  await residentTable(1, { calls: Array.from({ length: 20 }, (_, at) => (at + 1) * 5000) })
}

/** Prints row by row: the last one can be an hour away. */
function residentTable(bridges: number, looks: Looks) {
  console.log(`\nResident memory at ${bridges} bridges\n\n| calls | MB |\n|---|--:|`)
  return memory({ bridges, strategy: 'static' }, looks, (when, residentMB) => {
    console.log(`| ${when} | ${figure(residentMB)} |`)
  })
}

function show(title: string, [head = [], ...rows]: string[][]) {
  console.log(`\n${title}\n\n${table(head, rows)}\n`)
}
