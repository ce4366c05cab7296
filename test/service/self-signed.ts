import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyPair } from '../../src/service/key-pair.ts'

/*
 * A certificate for 127.0.0.1 out of Node alone: nobody has to install a tool, and no private key
 * lies in the repository. DER is tag, length, content, all the way down.
 */

function der(tag: number, ...contents: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(contents.map(part => Buffer.from(part as string, 'latin1')))
  const { length } = content
  return Buffer.concat([Buffer.from([tag, ...sizeOf(length)]), content])
}

/** In as few bytes as will do: Go refuses any more. */
function sizeOf(length: number): number[] {
  if (length < 128) return [length]
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
}

const sequence = (...contents: Buffer[]) => der(0x30, ...contents)
const identifier = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content)

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
const commonName = '550403'
const alternativeName = '551d11'

/** A new self-signed certificate of that name for 127.0.0.1, valid from 2020 to 2049 or earlier. */
export function selfSigned(name: string, lastYear = '49'): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = sequence(der(0x31, sequence(identifier(commonName), der(0x0c, name))))
  const addresses = sequence(der(0x87, Buffer.from([127, 0, 0, 1])))
  const certified = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    subject,
    sequence(der(0x17, '200101000000Z'), der(0x17, `${lastYear}0101000000Z`)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(identifier(alternativeName), der(0x04, addresses)))),
  )
  const signature = sign('sha256', certified, privateKey)
  const base64 = sequence(certified, ecdsaWithSha256, bits(signature)).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return {
    // No empty line, not even before the end: OpenSSL takes what stands above one for headers.
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
