import { readFileSync } from 'node:fs'

const dockerfile = readFileSync('Dockerfile', 'utf8')

/** What Node makes of the chart's memory limit by itself: it collects earlier than on a large machine. */
const heapIn512Mi = '--max-old-space-size=256'

/** Node's flags in a container of 512 MiB. */
export const imageFlags = [
  ...(JSON.parse(found(/^ENTRYPOINT (.*)$/m)) as string[]).filter(word => word.startsWith('--')),
  heapIn512Mi,
]

/** The settings of malloc in the image. */
export const imageEnvironment = Object.fromEntries(
  found(/^ENV (MALLOC_.*)$/m)
    .split(' ')
    .map(setting => setting.split('=')),
) as Record<string, string>

function found(line: RegExp): string {
  const [, text] = line.exec(dockerfile) ?? []
  if (text === undefined) throw new Error(`Dockerfile has no line like ${line}`)
  return text
}
