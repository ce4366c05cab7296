/** Rows as a Markdown table: the form in which docs/performance.md shows them. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]) {
  const all = [head, ...rows].map(row => row.map(String))
  const widths = head.map((_, column) => Math.max(3, ...all.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, at) => (at === 0 ? row[at]?.padEnd(width) : row[at]?.padStart(width))).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const [first = [], ...others] = all
  return [line(first), rule, ...others.map(line)].join('\n')
}

/** A figure with as many decimals as say something. */
export function figure(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
