// One-dimensional arrays without nulls: what catalogs and functions such as pg_blocking_pids need.

import { fail } from '../../shared/error.ts'
import { oidType } from './identifiers.ts'
import { int2Type, int4Type } from './integer.ts'
import { textType } from './text.ts'
import type { Type, Value } from './type.ts'

const align = (at: number, to: number) => Math.ceil(at / to) * to
/** ndim, data offset, element type, dimension, lower bound. */
const headerSize = 20

export interface ArrayType extends Type {
  readonly element: Type
}

function arrayType(oid: number, element: Type, lowerBound = 1): ArrayType {
  return {
    element,
    oid,
    name: `_${element.name}`,
    displayName: `${element.displayName}[]`,
    length: -1,
    align: element.align === 8 ? 8 : 4,
    category: 'A',
    input: text => parseArray(text).map(each => element.input(each)),
    output: value => `{${(value as Value[]).map(each => quoteElement(element.output(each))).join(',')}}`,
    compare: (a, b) => compareArrays(element, a as Value[], b as Value[]),
    key: value => (value as Value[]).map(each => element.output(each)).join('\u0000'),
    toBytes: value => arrayBytes(element, value as Value[], lowerBound),
    fromBytes: bytes => arrayValues(element, bytes),
  }
}

function arrayBytes(element: Type, values: readonly Value[], lowerBound: number): Uint8Array {
  const parts = values.map(value => (element.length > 0 ? undefined : element.toBytes!(value)))
  const sizes = parts.map(part => (part ? align(part.length + 4, element.align) : element.length))
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, headerSize))
  const view = new DataView(bytes.buffer)
  const header = [1, 0, element.oid, values.length, lowerBound]
  for (const [index, word] of header.entries()) view.setInt32(index * 4, word, true)
  let at = headerSize
  for (const [index, value] of values.entries()) {
    const part = parts[index]
    if (part) {
      view.setUint32(at, (part.length + 4) << 2, true)
      bytes.set(part, at + 4)
    } else element.write!(view, at, value)
    at += sizes[index]
  }
  return bytes
}

function arrayValues(element: Type, bytes: Uint8Array): Value[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = view.getInt32(12, true)
  const values: Value[] = []
  let at = headerSize
  for (let index = 0; index < count; index++) {
    if (element.length > 0) {
      values.push(element.read!(view, at) as Value)
      at += element.length
    } else {
      const length = view.getUint32(at, true) >>> 2
      values.push(element.fromBytes!(bytes.subarray(at + 4, at + length)) as Value)
      at += align(length, element.align)
    }
  }
  return values
}

function compareArrays(element: Type, a: readonly Value[], b: readonly Value[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = element.compare!(a[index], b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function quoteElement(text: string): string {
  if (text !== '' && !/[{},"\\\s]/.test(text) && !/^null$/i.test(text)) return text
  return `"${text.replace(/(["\\])/g, '\\$1')}"`
}

function parseArray(text: string): string[] {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)
  if (!inner) {
    fail('22P02', `malformed array literal: "${text}"`, {
      detail: 'Array value must start with "{" or dimension information.',
    })
  }
  if (inner[1].trim() === '') return []
  if (/[{}]|(^|,)\s*null\s*(,|$)/i.test(inner[1])) {
    fail('0A000', 'arrays of several dimensions or with nulls are not played yet')
  }
  const elements = inner[1].match(/\s*"(?:[^"\\]|\\.)*"\s*|[^,]+/g) ?? []
  return elements.map(each => {
    const trimmed = each.trim()
    return trimmed.startsWith('"') ? trimmed.slice(1, -1).replace(/\\(.)/g, '$1') : trimmed
  })
}

export const int4ArrayType = arrayType(1007, int4Type)
export const int2ArrayType = arrayType(1005, int2Type)
export const textArrayType = arrayType(1009, textType)
export const oidArrayType = arrayType(1028, oidType)

/** int2vector: prints with blanks, counts from 0. */
export const int2vectorType: ArrayType = {
  ...arrayType(22, int2Type, 0),
  name: 'int2vector',
  displayName: 'int2vector',
  input: text => text.trim().split(/\s+/).map(Number),
  output: value => (value as Value[]).join(' '),
}
