// A `.drill` file -> the raw tree. Every statement is parsed on its own; what is wrong with one leaves the others whole.

import { type IToken, tokenMatcher } from 'chevrotain'
import type { Preposition } from '../../model/scenario.ts'
import type { Complaints } from '../complaints.ts'
import { deepestNesting } from '../limits.ts'
import { describe, foreignOperators, joinUnits, shorten } from '../messages.ts'
import { dedented } from '../script.ts'
import type { RawParameter, RawScenario, RawSetting, RawStatement, Text } from '../syntax.ts'
import * as token from '../tokens.ts'
import { depthOf, endOf, tooManyTags } from '../tokens.ts'
import { type Item, outline, spanOf } from './outline.ts'
import { type Extent, phraseParser } from './parser.ts'

/** Undefined where a budget is exceeded. */
export function readDrill(source: string, complaints: Complaints): RawScenario | undefined {
  return new Reader(source, complaints).scenario()
}

class Reader {
  private readonly source: string
  private readonly complaints: Complaints
  private comments: readonly IToken[] = []
  private commentAt = 0
  private readonly unread: string[] = []

  constructor(source: string, complaints: Complaints) {
    this.source = source
    this.complaints = complaints
  }

  scenario(): RawScenario | undefined {
    if (tooManyTags(this.source)) {
      this.complaints.add(
        'too-large',
        { start: 0, end: 1 },
        'too many different `$tag$` open scripts',
        'write `$$ … $$`',
      )
      return undefined
    }
    const { tokens, groups } = token.lexer.tokenize(this.source)
    this.comments = groups.comments
    for (const found of tokens) this.brokenToken(found)
    const items = outline(this.source, tokens, this.complaints)
    if (!items) return undefined
    const statements = items.flatMap(item => {
      const statement = this.statement(item)
      if (!statement) this.unread.push(item.header[0]?.image ?? '')
      return statement ?? []
    })
    return { statements, unread: this.unread, comments: this.commentsBefore(this.source.length) }
  }

  private brokenToken(found: IToken): void {
    const start = found.startOffset
    if (found.tokenType === token.OpenText) {
      const quote = found.image[0]
      const help = `close it with ${quote} on the same line; a ${quote} inside is written twice`
      this.complaints.add('syntax', { start, end: endOf(found) }, 'this text is never closed', help)
    } else if (found.tokenType === token.Unknown) {
      const help = found.image.startsWith('\\')
        ? 'pgbench commands stand in a script: $$ … $$'
        : found.image === ':'
          ? 'is this YAML? The name of such a file ends in .yaml'
          : 'other characters stand in quotes; `#` begins a comment'
      this.complaints.add(
        'syntax',
        { start, end: endOf(found) },
        `\`${shorten(found.image)}\` means nothing here`,
        help,
      )
    } else if (found.tokenType === token.OpenScript) {
      const tag = /^\$\w*\$/.exec(found.image)![0]
      const help = `close it with ${tag}, or look whether a script before this one lacks its end`
      this.complaints.add('syntax', { start, end: start + tag.length }, 'this script is never closed', help)
    }
  }

  /** Own-line comments, and those at the ends of lines, up to an offset. */
  private commentsBefore(offset: number): readonly string[] {
    const lines: string[] = []
    for (; this.comments[this.commentAt]?.startOffset < offset; this.commentAt++) {
      lines.push(this.comments[this.commentAt].image.slice(1).trimEnd())
    }
    return lines
  }

  private lineEnd(offset: number): number {
    const newline = this.source.indexOf('\n', offset)
    return newline === -1 ? this.source.length : newline
  }

  private statement(item: Item): RawStatement | undefined {
    const { header, block } = item
    const comments = this.commentsBefore(this.lineEnd(header.length > 0 ? endOf(header.at(-1)!) : item.start))
    const when = header.findIndex(found => found.tokenType === token.Then)
    const first = header[0]
    if (first === undefined) {
      const message = block ? 'a block stands alone' : 'a script stands alone'
      const help = 'a block and a script open on the line of their statement'
      this.complaints.add('syntax', { start: item.start, end: item.start + 1 }, message, help)
      return undefined
    }
    if (header.some(found => token.broken.includes(found.tokenType))) return undefined
    let rest = header
    let condition: Text | undefined
    if (first.tokenType === token.When) {
      if (when === -1) {
        this.complaints.add('syntax', spanOf(first), 'this `when` has no `then`', 'write `when CONDITION then …`')
        return undefined
      }
      condition = this.extent(header.slice(1, when), first)
      if (!condition) return undefined
      rest = header.slice(when + 1)
    }
    const that = rest.findIndex(found => found.tokenType === token.That)
    const formula = that === -1 ? undefined : this.extent(rest.slice(that + 1), rest[that])
    if (that !== -1 && !formula) return undefined
    const phrase = this.parse('statement', that === -1 ? rest : rest.slice(0, that))
    if (!phrase) return undefined
    const { at, word, about, parameters } = phrase
    if (!word && !block) {
      const help = 'a word or a block must follow it'
      this.complaints.add('syntax', spanOf(first), 'nothing happens at this moment', help)
      return undefined
    }
    const inside = this.block(block?.items ?? [])
    return {
      span: { start: item.start, end: item.end },
      ...(word && { word: this.text({ first: word, last: word }) }),
      ...(at && { at: this.text(at) }),
      ...(condition && { when: condition }),
      about: about.map(value => this.text(value)),
      parameters: parameters.map(
        ({ preposition, values }): RawParameter => ({
          preposition: preposition.image as Preposition,
          span: spanOf(preposition),
          values: values.map(value => this.text(value)),
        }),
      ),
      ...(formula && { that: formula }),
      ...inside,
      ...(item.script && { script: this.script(item.script) }),
      comments,
    }
  }

  private block(items: readonly Item[]): { settings: readonly RawSetting[]; body: readonly RawStatement[] } {
    const settings: RawSetting[] = []
    const body: RawStatement[] = []
    for (const item of items) {
      if (!isSetting(item)) {
        const statement = this.statement(item)
        if (statement) body.push(statement)
        continue
      }
      if (body.length > 0) {
        const help = 'settings stand before the statements of a block'
        this.complaints.add('syntax', spanOf(item.header[0]), 'a setting stands after a statement', help)
      }
      const setting = this.parse('setting', item.header)
      if (!setting) continue
      settings.push({ name: this.text(setting.name), values: setting.values.map(value => this.text(value)) })
    }
    return { settings, body }
  }

  private parse<R extends 'statement' | 'setting'>(
    rule: R,
    tokens: readonly IToken[],
  ): ReturnType<ReturnType<typeof phraseParser>[R]> | undefined {
    if (depthOf(tokens) > deepestNesting) {
      const span = { start: tokens[0].startOffset, end: endOf(tokens.at(-1)!) }
      this.complaints.add('too-large', span, `parentheses are nested more than ${deepestNesting} deep`)
      return undefined
    }
    const parser = phraseParser()
    parser.input = tokens as IToken[]
    const parsed = parser[rule]()
    const error = parser.errors[0]
    if (!error) return parsed as ReturnType<ReturnType<typeof phraseParser>[R]>
    const { span, message, found } = describe(error)
    this.complaints.add('syntax', span, message, helpFor(found, rule, tokens))
    return undefined
  }

  private extent(tokens: readonly IToken[], after: IToken): Text | undefined {
    if (tokens.length > 0) return this.slice(tokens[0].startOffset, endOf(tokens.at(-1)!))
    const help = 'SQL is asked with `query(node, $$ … $$)`'
    const sql = this.source.slice(endOf(after)).trimStart().startsWith('$')
    this.complaints.add('syntax', spanOf(after), `a condition must follow \`${after.image}\``, sql ? help : undefined)
    return undefined
  }

  private slice(start: number, end: number): Text {
    return { text: this.source.slice(start, end), span: { start, end }, origin: start }
  }

  private text({ first, last }: Extent): Text {
    const whole = this.slice(first.startOffset, endOf(last))
    return first === last && first.tokenType === token.TextToken ? unquoted(whole) : whole
  }

  private script(found: IToken): Text {
    const tag = found.image.indexOf('$', 1) + 1
    const { startOffset: start } = found
    const inner = this.source.slice(start + tag, endOf(found) - tag)
    return dedented({ text: inner, span: spanOf(found), origin: start + tag }, true)
  }
}

function isSetting({ header, block }: Item): boolean {
  if (block || header.length < 2) return false
  const equal = header.findIndex(found => found.tokenType === token.Equal)
  const path = [token.Name, token.Dot, token.Index]
  return equal > 0 && header.slice(0, equal).every(found => path.some(type => tokenMatcher(found, type)))
}

/** What a person may have meant who wrote what the grammar does not take. */
function helpFor(found: IToken | undefined, rule: string, tokens: readonly IToken[]): string | undefined {
  if (found === undefined) return undefined
  const at = tokens.indexOf(found)
  const previous = tokens[at - 1]
  const [first] = tokens
  if (found.tokenType === token.Foreign) return foreignOperators[found.image]
  const units = joinUnits(previous, found)
  if (units !== undefined) return units
  const lead = first.image.toLowerCase()
  if (lead !== first.image && (lead === 'at' || lead === 'when')) return `write \`${lead}\` in lower case`
  if (at === 0) return 'a blank line has ended the statement before; without it this line would go on from there'
  if (rule === 'statement' && (found.tokenType === token.Equal || tokens[at + 1]?.tokenType === token.Equal)) {
    return 'settings stand in a block: `{ name = value }`'
  }
  if (found.tokenType === token.At || found.tokenType === token.When) {
    return `\`${found.image}\` stands first in a statement; quote it where it is a name`
  }
  if (tokenMatcher(found, token.PhraseWord)) return `\`${found.image}\` is reserved; quote it where it is a name`
  const value = [token.Name, token.TextToken, token.NumberToken, token.Param, token.Index]
  const apart = value.includes(found.tokenType) && value.includes(previous.tokenType)
  const comma =
    'several values are separated by commas; a parameter begins with its preposition, such as `of` or `with`'
  return rule === 'statement' && apart ? comma : undefined
}

function unquoted(whole: Text): Text {
  const quote = whole.text[0]
  const inner = whole.text.slice(1, -1)
  if (!inner.includes(quote)) return { text: inner, span: whole.span, origin: whole.origin + 1 }
  const offsets: number[] = []
  let text = ''
  for (let at = 0; at < inner.length; at++) {
    offsets.push(whole.origin + 1 + at)
    text += inner[at]
    if (inner[at] === quote) at++
  }
  return { text, span: whole.span, origin: whole.origin + 1, offsets }
}
