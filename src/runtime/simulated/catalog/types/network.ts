// inet, as far as addresses of clients want it: IPv4 without a network. What else PostgreSQL's inet takes is refused.

import { fail } from '../../shared/error.ts'
import type { Type, Value } from './type.ts'

/** PGSQL_AF_INET. */
const family = 2
const bits = 32

function input(text: string): string {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(\/32)?$/.exec(text)
  const octets = parts?.slice(1, 5).map(Number)
  if (octets?.every(octet => octet <= 255)) return octets.join('.')
  if (/^[\da-f.:]+(\/\d+)?$/i.test(text)) fail('0A000', 'networks and IPv6 in inet are not played yet')
  fail('22P02', `invalid input syntax for type inet: "${text}"`)
}

const toOctets = (value: unknown) => (value as string).split('.').map(Number)

export const inetType: Type = {
  oid: 869,
  name: 'inet',
  displayName: 'inet',
  category: 'I',
  isPreferred: true,
  length: -1,
  align: 4,
  input,
  output: (value: Value) => value as string,
  compare(a, b) {
    const theirs = toOctets(b)
    const differing = toOctets(a).map((octet, index) => octet - theirs[index]!)
    return differing.find(difference => difference !== 0) ?? 0
  },
  toBytes: value => Uint8Array.of(family, bits, ...toOctets(value)),
  fromBytes: bytes => bytes.subarray(2, 6).join('.'),
}
