// bool.

import { fail } from '../../shared/error.ts'
import { comparePrimitives, type Type } from './type.ts'

const trueWords = ['true', 'yes', 'on', '1']
const falseWords = ['false', 'no', 'off', '0']

/** PostgreSQL takes any unambiguous beginning of these words. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (word === '' || word === 'o') return undefined
  if (trueWords.some(each => each.startsWith(word))) return true
  if (falseWords.some(each => each.startsWith(word))) return false
  return undefined
}

export const booleanType: Type = {
  oid: 16,
  name: 'bool',
  displayName: 'boolean',
  length: 1,
  align: 1,
  category: 'B',
  isPreferred: true,
  input: text => parseBoolean(text) ?? fail('22P02', `invalid input syntax for type boolean: "${text}"`),
  output: value => (value === true ? 't' : 'f'),
  compare: comparePrimitives,
  write: (view, at, value) => view.setUint8(at, value === true ? 1 : 0),
  read: (view, at) => view.getUint8(at) === 1,
}
