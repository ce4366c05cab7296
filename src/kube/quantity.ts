/*
 * The API server rewrites quantities into a canonical form (`1000m` becomes `1`, `2048Mi` becomes
 * `2Gi`). What we answer must have that form already: Metacontroller compares and would write the
 * object again at every call.
 */

const decimalSuffixes = ['m', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const nano = 1_000_000_000n

interface Parsed {
  /** The amount in thousandths, rounded up: the API server keeps nothing finer of a resource. */
  millis: bigint
  binary: boolean
}

function parse(text: string): Parsed | undefined {
  const match = /^(\d+)(?:\.(\d+))?([eE]\d{1,2}|[numkMGTPE]|[KMGTPE]i)?$/.exec(text)
  if (!match) return undefined
  const [, whole = '0', fraction = '', suffix = ''] = match
  const nanos = BigInt(whole) * nano + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  const [factor, divisor] = scaleOf(suffix)
  return {
    millis: dividedUp(nanos * factor, divisor * 1_000_000n),
    binary: suffix.endsWith('i'),
  }
}

/** What a suffix multiplies by, and what it divides by. */
function scaleOf(suffix: string): [factor: bigint, divisor: bigint] {
  if (suffix.endsWith('i')) return [1024n ** BigInt(binarySuffixes.indexOf(suffix)), 1n]
  if (/^[eE]\d/.test(suffix)) return [10n ** BigInt(suffix.slice(1)), 1n]
  if (suffix === 'n') return [1n, nano]
  if (suffix === 'u') return [1n, 1_000_000n]
  return [1000n ** BigInt(decimalSuffixes.indexOf(suffix)), 1000n]
}

const dividedUp = (amount: bigint, by: bigint) => (amount + by - 1n) / by

/** A form that the API server gives back as it is; text that is no quantity stays. */
export function canonicalQuantity(text: string | number): string {
  const parsed = parse(String(text))
  if (!parsed) return String(text)
  const { millis } = parsed
  if (millis === 0n) return '0'
  // Half a byte has no binary form.
  const [suffixes, factor, unit] =
    parsed.binary && millis % 1000n === 0n
      ? ([binarySuffixes, 1024n, 1000n] as const)
      : ([decimalSuffixes, 1000n, 1n] as const)
  let [amount, index] = [millis / unit, 0]
  while (index + 1 < suffixes.length && amount % factor === 0n) {
    amount /= factor
    index++
  }
  return `${amount}${suffixes[index]}`
}

/** A quantity as a plain number (cores, bytes); undefined where the text is no quantity. */
export function quantityValue(text: string | number | undefined): number | undefined {
  const parsed = text === undefined ? undefined : parse(String(text))
  return parsed && Number(parsed.millis) / 1000
}
