// The raw tree -> `.drill`, as people would write it: a statement a line, blocks and scripts indented by two.

import { prepositions } from '../../model/scenario.ts'
import type { WordDefinition } from '../../model/vocabulary.ts'
import { phraseParser } from '../drill/parser.ts'
import { broken } from '../expression/one-line.ts'
import { deepestNesting } from '../limits.ts'
import type { RawScenario, RawSetting, RawStatement, Text } from '../syntax.ts'
import * as token from '../tokens.ts'
import type { Words } from '../words.ts'

const width = 120

export function printDrill({ statements, comments }: RawScenario, words: Words): string {
  const out: string[] = []
  let last: RawStatement | undefined
  let tall = false
  for (const statement of statements) {
    const lines = print(statement, undefined, words, 0)
    const apart = last && words.sectionOf(last) !== words.sectionOf(statement)
    if (last && (apart || tall || lines.length > 1 || statement.comments.length > 0)) out.push('')
    out.push(...commentLines(statement.comments, ''))
    // The lesson at the head of a file stands apart from what follows it.
    if (!last && statement.comments.length > 1) out.push('')
    out.push(...lines)
    last = statement
    tall = lines.length > 1
  }
  if (comments.length > 0) out.push('', ...commentLines(comments, ''))
  return `${out.join('\n')}\n`
}

function commentLines(comments: readonly string[], indent: string): readonly string[] {
  return comments.map(comment => `${indent}#${comment}`.trimEnd())
}

/** The lines of a statement without its comments; the first is not indented. */
function print(raw: RawStatement, parent: WordDefinition | undefined, words: Words, depth: number): readonly string[] {
  const definition = raw.word && words.find(raw.word.text, parent?.name)
  const indent = '  '.repeat(depth)
  const lines = [[lead(raw), phrase(raw, definition)].filter(part => part !== '').join(' ')]
  if (raw.that) {
    const [first, ...rest] = broken(raw.that.text, width - 4 - indent.length)
    const whole = `${lines[0]} that ${first}`
    if (rest.length === 0 && whole.length <= width - indent.length) lines[0] = whole
    else lines.push(`${indent}  that ${first}`, ...rest.map(line => `${indent}    ${line}`))
  }
  const block = blockOf(raw, definition ?? parent, words, depth, lines.at(-1)!.length)
  if (block.length > 0) lines.push(`${lines.pop()} ${block[0]}`, ...block.slice(1))
  if (!raw.script) return lines
  const script = scriptOf(raw.script.text, indent, lines.at(-1)!.length)
  lines.push(`${lines.pop()} ${script[0]}`, ...script.slice(1))
  return lines
}

function lead({ at, when }: RawStatement): string {
  if (at) return `at ${written(at)}`
  return when ? `when ${broken(when.text, Number.POSITIVE_INFINITY)[0]} then` : ''
}

function phrase(raw: RawStatement, definition: WordDefinition | undefined): string {
  if (!raw.word) return ''
  const parts = [raw.word.text]
  const prose = definition?.about?.type === 'prose'
  const about = raw.about.map(text => (prose || text.text === 'on' ? quoted(text.text) : written(text)))
  if (about.length > 0) parts.push(about.join(', '))
  const order = Object.keys(definition?.parameters ?? {})
  const all = [...order, ...prepositions.filter(each => !order.includes(each))]
  for (const name of all) {
    for (const { preposition, values } of raw.parameters) {
      if (preposition === name) parts.push(`${preposition} ${values.map(written).join(', ')}`)
    }
  }
  return parts.join(' ')
}

function blockOf(
  { settings, body }: RawStatement,
  parent: WordDefinition | undefined,
  words: Words,
  depth: number,
  used: number,
): readonly string[] {
  if (settings.length === 0 && body.length === 0) return []
  const inner = body.map(statement => ({ statement, lines: print(statement, parent, words, depth + 1) }))
  const items = [...settings.map(setting => settingOf(setting, parent)), ...inner.map(({ lines }) => lines[0])]
  const flat = `{ ${items.join('; ')} }`
  const single = inner.every(
    ({ statement, lines }) => lines.length === 1 && statement.comments.length === 0 && !statement.script,
  )
  if (single && used + flat.length < width && !inner.some(({ statement }) => statement.that)) return [flat]
  const indent = '  '.repeat(depth)
  const lines = ['{', ...settings.map(setting => `${indent}  ${settingOf(setting, parent)}`)]
  for (const { statement, lines: own } of inner) {
    lines.push(...commentLines(statement.comments, `${indent}  `), `${indent}  ${own[0]}`, ...own.slice(1))
  }
  return [...lines, `${indent}}`]
}

function settingOf({ name, values }: RawSetting, definition: WordDefinition | undefined): string {
  const prose = definition?.settings?.[name.text]?.type === 'prose'
  return `${name.text} = ${values.map(value => (prose ? quoted(value.text) : written(value))).join(', ')}`
}

/** As it is where that reads as the same value, else in quotes. */
function written({ text }: Text): string {
  const { tokens, groups } = token.lexer.tokenize(text)
  const alone = tokens.length === 1 && tokens[0].tokenType === token.TextToken
  const whole = tokens.length > 0 && groups.comments.length === 0 && text === text.trim()
  if (alone || !whole || text.includes('\n') || token.depthOf(tokens) > deepestNesting) return quoted(text)
  const parser = phraseParser()
  parser.input = tokens
  parser.value()
  return parser.errors.length === 0 ? text : quoted(text)
}

function quoted(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ')
  const quote = line.includes('"') && !line.includes("'") ? "'" : '"'
  return `${quote}${line.replaceAll(quote, quote + quote)}${quote}`
}

function scriptOf(text: string, indent: string, used: number): readonly string[] {
  let tag = '$$'
  for (let number = 0; text.includes(tag); number++) tag = `$script${number || ''}$`
  if (!text.includes('\n') && used + text.length + 2 * tag.length + 3 <= width && !text.endsWith('$')) {
    return [`${tag} ${text} ${tag}`]
  }
  const lines = text.split('\n').map(line => (line === '' ? '' : `${indent}  ${line}`))
  return [tag, ...lines, `${indent}${tag}`]
}
