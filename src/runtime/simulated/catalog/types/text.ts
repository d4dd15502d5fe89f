// text, varchar, bpchar, name, "char" and unknown. The order is that of the C locale: by code point.

import type { Datum } from '../../access/tuple-descriptor.ts'
import { fail } from '../../shared/error.ts'
import type { Type, Value } from './type.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes of a text in UTF-8. */
export function textSize(value: Datum): number {
  const text = value as string
  let size = text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // Two bytes to 7FF, three above; the halves of a surrogate pair have two each.
    if (code > 0x7f) size += code < 0x800 || (code & 0xf800) === 0xd800 ? 1 : 2
  }
  return size
}

/** Most texts are short and ASCII. */
function toBytes(value: Datum): Uint8Array {
  const text = value as string
  if (text.length > 256) return encoder.encode(text)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) return encoder.encode(text)
    bytes[at] = code
  }
  return bytes
}

function fromBytes(bytes: Uint8Array): string {
  if (bytes.length > 256) return decoder.decode(bytes)
  let all = 0
  for (let at = 0; at < bytes.length; at++) all |= bytes[at]
  return all < 0x80 ? String.fromCharCode.apply(null, bytes as unknown as number[]) : decoder.decode(bytes)
}

/** By code point, which is the order of UTF-8 bytes; JavaScript compares UTF-16 units. */
export function compareText(a: Datum, b: Datum): number {
  const x = a as string
  const y = b as string
  const length = Math.min(x.length, y.length)
  for (let at = 0; at < length; at++) {
    const s = x.charCodeAt(at)
    const t = y.charCodeAt(at)
    // Surrogates stand for code points above all others, though their numbers are lower than U+E000.
    if (s !== t)
      return (
        (s >= 0xd800 ? s + (s < 0xe000 ? 0x2000 : -0x800) : s) - (t >= 0xd800 ? t + (t < 0xe000 ? 0x2000 : -0x800) : t)
      )
  }
  return x.length - y.length
}

/** How many characters (code points) a text has. */
export function characterCount(text: string): number {
  let count = text.length
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) count--
  return count
}

function limitLength(typeName: string, pad: boolean) {
  return (value: Value, modifier: number, isExplicit: boolean): Value => {
    const limit = modifier - 4
    const text = value as string
    const length = characterCount(text)
    if (length <= limit) return pad ? text + ' '.repeat(limit - length) : text
    const characters = [...text]
    // Too long is an error unless only blanks are lost, or the cast is explicit.
    if (!isExplicit && characters.slice(limit).some(character => character !== ' ')) {
      fail('22001', `value too long for type ${typeName}(${limit})`)
    }
    return characters.slice(0, limit).join('')
  }
}

const common = {
  length: -1,
  align: 4,
  category: 'S',
  input: (text: string) => text,
  output: (value: Value) => value as string,
  compare: compareText,
  toBytes,
  fromBytes,
} as const

export const textType: Type = { ...common, oid: 25, name: 'text', displayName: 'text', isPreferred: true }

export const varcharType: Type = {
  ...common,
  oid: 1043,
  name: 'varchar',
  displayName: 'character varying',
  applyModifier: limitLength('character varying', false),
}

export const bpcharType: Type = {
  ...common,
  oid: 1042,
  name: 'bpchar',
  displayName: 'character',
  compare: (a, b) => compareText(trimBlanks(a as string), trimBlanks(b as string)),
  key: value => trimBlanks(value as string),
  applyModifier: limitLength('character', true),
}

export function trimBlanks(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--
  return text.slice(0, end)
}

/** A string literal whose type is not known yet. */
export const unknownType: Type = {
  ...common,
  oid: 705,
  name: 'unknown',
  displayName: 'unknown',
  align: 1,
  category: 'X',
}

/** Expression trees in catalogs; their text is JSON. */
export const nodeTreeType: Type = {
  ...common,
  oid: 194,
  name: 'pg_node_tree',
  displayName: 'pg_node_tree',
  category: 'Z',
}

export const nameType: Type = {
  ...common,
  oid: 19,
  name: 'name',
  displayName: 'name',
  length: 64,
  align: 1,
  input: truncateName,
  write(view, at, value) {
    const target = new Uint8Array(view.buffer, view.byteOffset + at, 64)
    target.fill(0)
    target.set(toBytes(value))
  },
  read(view, at) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at, 64)
    return fromBytes(bytes.subarray(0, bytes.indexOf(0)))
  },
}

/** Names have at most 63 bytes; the rest is cut off, at a whole character. */
export function truncateName(text: string): string {
  let name = text
  while (textSize(name) > 63) name = name.slice(0, -1)
  return name
}

/** One byte, with quotes in SQL: "char". */
export const charType: Type = {
  ...common,
  oid: 18,
  name: 'char',
  displayName: '"char"',
  length: 1,
  align: 1,
  category: 'Z',
  input: text => text.slice(0, 1),
  write: (view, at, value) => view.setUint8(at, (value as string).charCodeAt(0) || 0),
  read(view, at) {
    const code = view.getUint8(at)
    return code === 0 ? '' : String.fromCharCode(code)
  },
}
