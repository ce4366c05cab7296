import type { Outcome, Sample } from './outcome.ts'

const [width, height, margin] = [960, 300, 40]
const colours = ['#888888', '#c0392b', '#1f77b4', '#2ca02c', '#9467bd', '#e08e0b']

/** A day as a picture: people as a grey area, bridges of each policy as a line. */
export function plot(name: string, outcomes: readonly Outcome[]): string {
  const minutes = Math.max(1, ...outcomes.map(({ samples }) => samples.length))
  const people = outcomes[0]?.samples ?? []
  const mostPeople = Math.max(1, ...people.map(sample => sample.people))
  const mostBridges = Math.max(1, ...outcomes.map(({ peakBridges }) => peakBridges))
  const x = (minute: number) => margin + (minute / minutes) * (width - 2 * margin)
  const y = (share: number) => height - margin - share * (height - 2 * margin)
  const points = (samples: readonly Sample[], share: (sample: Sample) => number) =>
    samples.map(sample => `${x(sample.minute).toFixed(1)},${y(share(sample)).toFixed(1)}`)
  const area = points(people, sample => sample.people / mostPeople)
  const lines = outcomes.map(({ policy, samples }, index) => {
    const path = points(samples, sample => sample.bridges / mostBridges).join(' ')
    const colour = colours[index % colours.length]
    const legend = `<text x="${margin + index * 150}" y="20" fill="${colour}">${policy}</text>`
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${path}"/>${legend}`
  })
  const hours = Array.from({ length: Math.floor(minutes / 120) + 1 }, (_, index) => index * 2).map(
    hour => `<text x="${x(hour * 60)}" y="${height - 20}" text-anchor="middle">${hour}:00</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>${name}: ${mostPeople} people at most (area), up to ${mostBridges} bridges (lines)</title>
<rect width="${width}" height="${height}" fill="white"/>
<polygon fill="#eeeeee" points="${x(0)},${y(0)} ${area.join(' ')} ${x(people.length - 1)},${y(0)}"/>
${lines.join('\n')}
<text x="${margin - 5}" y="${y(1)}" text-anchor="end">${mostBridges}</text>
<text x="${width - margin + 5}" y="${y(1)}">${mostPeople}</text>
${hours.join('\n')}
</svg>
`
}
