import t from 'tap'
import { canonicalQuantity, quantityValue } from '../../src/kube/quantity.ts'

/*
 * Every form on the right was put to a real API server (Kubernetes 1.36), which gave it back as it
 * is. Those on the left it may keep (`1e3`); what counts is that our answer is not written anew.
 */

t.test('writes a quantity as the API server gives it back', async t => {
  const cases: [text: string | number, canonical: string, why: string][] = [
    ['1000m', '1', 'whole cores have no suffix'],
    ['3500m', '3500m', 'three cores and a half'],
    ['0.5', '500m', 'no fractions'],
    [0.5, '500m', 'YAML numbers too'],
    [2, '2', 'a number without quotes'],
    ['1.25', '1250m', 'a fraction of two digits'],
    ['1.000', '1', 'a fraction of nothing'],
    ['007', '7', 'no leading zeros'],
    ['0', '0', 'nothing'],
    ['0.0', '0', 'still nothing'],
    ['1024Mi', '1Gi', 'the largest binary suffix that fits'],
    ['1500Mi', '1500Mi', 'not a whole number of Gi'],
    ['1536Mi', '1536Mi', 'nor is this'],
    ['12500Mi', '12500Mi', 'the first operator’s sample'],
    ['1.5Gi', '1536Mi', 'a fraction in binary'],
    ['0.5Ki', '512', 'bytes'],
    ['1024', '1024', 'bytes stay decimal'],
    ['1000', '1k', 'decimal thousands get a suffix'],
    ['100k', '100k', 'as it was'],
    ['1000k', '1M', 'the largest decimal suffix that fits'],
    ['2.5M', '2500k', 'a fraction in decimal'],
    ['1e3', '1k', 'an exponent'],
    ['1E4', '10k', 'an exponent that is no multiple of three'],
    ['12e6', '12M', 'an exponent in millions'],
    ['1000000Mi', '1000000Mi', 'a thousand is nothing in binary'],
    ['0.0001', '1m', 'nothing finer than a thousandth, rounded up'],
    ['500u', '1m', 'nor with a suffix'],
    ['1n', '1m', 'nor much finer'],
    ['0.123456789123', '124m', 'whatever the number of digits'],
    ['0.1Gi', '107374182400m', 'no whole number of bytes, so no binary suffix'],
    ['0.0005Ki', '512m', 'less than a byte'],
    ['3E', '3E', 'the largest decimal suffix'],
    ['1Ei', '1Ei', 'the largest binary suffix'],
  ]
  for (const [text, canonical, why] of cases) {
    t.equal(canonicalQuantity(text), canonical, `${text}: ${why}`)
    t.equal(canonicalQuantity(canonical), canonical, `${canonical} stays`)
  }
})

t.test('leaves what is no quantity for the API server to refuse', async t => {
  for (const text of ['', 'much', '1 Gi', '-1', '1Gb', '1e', '0x10', '1e3Gi']) {
    t.equal(canonicalQuantity(text), text)
  }
})

t.test('reads a quantity as a number', async t => {
  const cases: [text: string | number | undefined, value: number | undefined][] = [
    ['1536Mi', 1536 * 2 ** 20],
    ['3Gi', 3 * 2 ** 30],
    ['250m', 0.25],
    [2, 2],
    ['1e3', 1000],
    ['much', undefined],
    [undefined, undefined],
  ]
  for (const [text, value] of cases) t.equal(quantityValue(text), value, String(text))
})
