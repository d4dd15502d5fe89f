// Concatenation and pattern matching. Regular expressions run on RE2, in linear time.

import { RE2JS } from 're2js'
import { fail } from '../../shared/error.ts'
import type { Operator } from '../callable.ts'
import { booleanType } from '../types/boolean.ts'
import { bpcharType, nameType, textType } from '../types/text.ts'

/** Patterns are mostly constants, so the last ones are kept. */
const compiled = new Map<string, RE2JS>()

function compile(source: string, flags: number): RE2JS {
  const key = `${flags}/${source}`
  let pattern = compiled.get(key)
  if (!pattern) {
    try {
      pattern = RE2JS.compile(source, flags)
    } catch (error) {
      fail('2201B', `invalid regular expression: ${(error as Error).message}`)
    }
    if (compiled.size > 100) compiled.clear()
    compiled.set(key, pattern)
  }
  return pattern
}

/** LIKE's pattern as a regular expression: % any text, _ one character, backslash takes the next literally. */
function likeSource(pattern: string): string {
  let source = '^'
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    let character = characters[at]
    if (character === '%') source += '.*'
    else if (character === '_') source += '.'
    else {
      if (character === '\\') {
        if (at + 1 === characters.length) fail('22025', 'LIKE pattern must not end with escape character')
        character = characters[++at]
      }
      source += RE2JS.quote(character)
    }
  }
  return `${source}$`
}

export function isLike(text: string, pattern: string, ignoreCase: boolean): boolean {
  const flags = RE2JS.DOTALL | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  return compile(likeSource(pattern), flags).matcher(text).find()
}

export function matchesExpression(text: string, pattern: string, ignoreCase: boolean): boolean {
  return compile(pattern, RE2JS.DOTALL | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0))
    .matcher(text)
    .find()
}

const matchers: Record<string, (text: string, pattern: string) => boolean> = {
  '~~': (text, pattern) => isLike(text, pattern, false),
  '!~~': (text, pattern) => !isLike(text, pattern, false),
  '~~*': (text, pattern) => isLike(text, pattern, true),
  '!~~*': (text, pattern) => !isLike(text, pattern, true),
  '~': (text, pattern) => matchesExpression(text, pattern, false),
  '!~': (text, pattern) => !matchesExpression(text, pattern, false),
  '~*': (text, pattern) => matchesExpression(text, pattern, true),
  '!~*': (text, pattern) => !matchesExpression(text, pattern, true),
}

export const textOperators: readonly Operator[] = [
  { name: '||', parameters: [textType, textType], returns: textType, evaluate: (a: string, b: string) => a + b },
  ...Object.entries(matchers).flatMap(([name, evaluate]) =>
    [textType, nameType, bpcharType].map(type => ({
      name,
      parameters: [type, textType],
      returns: booleanType,
      evaluate,
    })),
  ),
]
