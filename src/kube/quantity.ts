/*
 * The API server rewrites quantities into a canonical form (`1000m` becomes `1`, `2048Mi` becomes
 * `2Gi`). What we answer must have that form already: Metacontroller compares and would write the
 * object again at every call.
 */

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const nano = 1_000_000_000n

interface Parsed {
  /** The amount in billionths of the unit. */
  nanos: bigint
  binary: boolean
}

function parse(text: string): Parsed | undefined {
  const match = /^(\d+)(?:\.(\d{1,9}))?([eE]\d{1,2}|[numkMGTPE]|[KMGTPE]i)?$/.exec(text)
  if (!match) return undefined
  const [, whole = '0', fraction = '', suffix = ''] = match
  const base = BigInt(whole) * nano + BigInt(fraction.padEnd(9, '0'))
  if (suffix.endsWith('i')) {
    return { nanos: base * 1024n ** BigInt(binarySuffixes.indexOf(suffix)), binary: true }
  }
  if (/^[eE]\d/.test(suffix)) {
    return { nanos: base * 10n ** BigInt(suffix.slice(1)), binary: false }
  }
  const power = decimalSuffixes.indexOf(suffix) - 3
  return {
    nanos: power >= 0 ? base * 1000n ** BigInt(power) : base / 1000n ** BigInt(-power),
    binary: false,
  }
}

/** The form in which the API server gives a quantity back; text that is no quantity stays. */
export function canonicalQuantity(text: string | number): string {
  const parsed = parse(String(text))
  if (!parsed) return String(text)
  if (parsed.nanos === 0n) return '0'
  const [suffixes, factor, unit] = parsed.binary
    ? ([binarySuffixes, 1024n, nano] as const)
    : ([decimalSuffixes, 1000n, 1n] as const)
  let [amount, index] = [parsed.nanos / unit, 0]
  while (index + 1 < suffixes.length && amount % factor === 0n) {
    amount /= factor
    index++
  }
  return `${amount}${suffixes[index]}`
}

/** A quantity as a plain number (cores, bytes); undefined where the text is no quantity. */
export function quantityValue(text: string | number | undefined): number | undefined {
  const parsed = text === undefined ? undefined : parse(String(text))
  return parsed && Number(parsed.nanos) / Number(nano)
}
