import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Lab, startLab } from '../../test/cluster/jitsi-lab.ts'
import { Meetings } from '../../test/cluster/meetings.ts'
import { settled, type Traffic, trafficOf } from './cluster/api-writes.ts'
import { firstObjects } from './cluster/first-objects.ts'
import { lessons, loadText } from './cluster/lessons.ts'
import { manyJitsis } from './cluster/many-jitsis.ts'
import { middle } from './cluster/moments.ts'
import { type Growth, scaleOut } from './cluster/scale-out.ts'
import { figure, table } from './table.ts'

/*
 * Figures of a real control plane, as Markdown tables. Metacontroller is the one that
 * METACONTROLLER_BIN names, else the stand-in. Ratios say more than times: both sides of one share
 * whatever else the machine does. Usage:
 *
 *   npm run bench:cluster -- [--runs 5] [--grow-to 100] [--jitsis 50] [--bridges 500]
 *                            [--minutes 3] [PART…]
 *
 * Parts: apply, scale, many (these by default), and with many: idle, load.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    'grow-to': { type: 'string', default: '100' },
    jitsis: { type: 'string', default: '50' },
    bridges: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '3' },
  },
})
const size = { jitsis: Number(values.jitsis), bridges: Number(values.bridges) }
const runs = Number(values.runs)
const minutes = Number(values.minutes)
const parts = positionals.length > 0 ? positionals : ['apply', 'scale', 'many']
const known = ['apply', 'scale', 'many', 'idle', 'load']
const unknown = parts.find(part => !known.includes(part))
if (unknown) throw new Error(`${unknown} is no part; there are ${known.join(', ')}`)
const has = (...names: string[]) => names.some(name => parts.includes(name))

// Here a second is a second, or the load would be another one.
const meetings = new Meetings(1)
const podsPerNode = 100
const pods = Math.max(
  has('scale') ? 2 * Number(values['grow-to']) : 0,
  size.bridges + 3 * size.jitsis,
)
const lab = await startLab({
  roles: meetings.roles,
  nodes: Math.max(6, Math.ceil(pods / podsPerNode)),
})
try {
  console.log(
    `${lab.metacontroller.name}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`,
  )
  if (has('apply')) await apply(lab)
  if (has('scale')) await scale(lab)
  if (has('many', 'idle', 'load')) await many(lab)
} finally {
  meetings.stop()
  await lab.stop()
}
// Servers that play bridges may have connections that nobody closes.
process.exit()

function show(title: string, [head = [], ...rows]: (string | number)[][]): void {
  console.log(`\n${title}\n\n${table(head.map(String), rows)}`)
}

async function apply(lab: Lab) {
  const { objects, operator, client } = await firstObjects(lab, runs)
  show(`One Jitsi of ${objects} objects (ms, ${runs} runs)`, [
    ['', 'least', 'middle', 'most'],
    ['apply → all objects exist', ...range(operator)],
    ['the same objects, made one by one by a client', ...range(client)],
  ])
  console.log(`ratio: ${figure(middle(operator) / middle(client))}`)
}

function range(figures: readonly number[]): string[] {
  return [Math.min(...figures), middle(figures), Math.max(...figures)].map(figure)
}

async function scale(lab: Lab) {
  const many = Number(values['grow-to'])
  const { bridges, deployment } = await scaleOut(lab, { many, runs })
  const times = (growths: readonly Growth[]) => growths.map(({ milliseconds }) => milliseconds)
  const writes = (growths: readonly Growth[]) => middle(growths.map(growth => growth.writes))
  show(`From 3 to ${many}: scale request → all Pods created (ms, ${runs} runs in turn)`, [
    ['', 'least', 'middle', 'most', 'writes'],
    ['bridges', ...range(times(bridges)), writes(bridges)],
    ['a Deployment of the same Pods', ...range(times(deployment)), writes(deployment)],
  ])
  console.log(`ratio: ${figure(middle(times(bridges)) / middle(times(deployment)))}`)
}

async function many(lab: Lab) {
  const { objects, exist, serve, jitsis } = await manyJitsis(lab, size)
  show(`${size.jitsis} Jitsis with ${size.bridges} bridges at once`, [
    ['objects', 'all exist, s', 'objects a second', 'all bridges serve, s'],
    [objects, figure(exist), figure(objects / exist), figure(serve)],
  ])
  if (has('idle')) {
    const seconds = await settled(lab, 5)
    const told = seconds === undefined ? 'not within 5 minutes' : `after ${figure(seconds)} s`
    console.log(`\nLast write: ${told}`)
    showTraffic('Nobody meets', await trafficOf(lab, minutes))
  }
  if (!has('load')) return
  for (const { metadata } of jitsis) {
    const fleet = meetings.in(metadata.namespace)
    lessons(fleet, fleet.bridges.length)
  }
  // What begins at once is written down once by everybody; that is not what goes on.
  await trafficOf(lab, 1)
  showTraffic(`Load: ${loadText}`, await trafficOf(lab, minutes))
}

function showTraffic(title: string, { minutes, writes, calls }: Traffic) {
  const total = [...writes.values()].reduce((sum, count) => sum + count, 0)
  const rows = [...calls].map(([hook, count]) => [`calls of ${hook}`, figure(count / minutes)])
  const written = [...writes].map(([what, count]) => [what, figure(count / minutes)])
  show(`${title} (${minutes} minutes)`, [
    ['', 'a minute'],
    ...rows,
    ['API writes of ours', figure(total / minutes)],
    ...written,
  ])
}
