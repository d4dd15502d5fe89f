// Cuts the tokens of a `.drill` file into statements: finds where each ends, its block and its script. What stands inside
// a statement is left to the parser, which gets one statement at a time, so that one error never hides the next.

import { type IToken, tokenMatcher } from 'chevrotain'
import type { Complaints } from '../complaints.ts'
import { deepestNesting } from '../limits.ts'
import * as token from '../tokens.ts'
import { endOf } from '../tokens.ts'

export interface Item {
  /** Lead, word, values, parameters and condition; or a setting. Never empty, unless a block or script stands alone. */
  readonly header: readonly IToken[]
  readonly block?: { readonly open: IToken; readonly items: readonly Item[] }
  readonly script?: IToken
  readonly start: number
  readonly end: number
}

/** Undefined where blocks are nested too deep. */
export function outline(
  source: string,
  tokens: readonly IToken[],
  complaints: Complaints,
): readonly Item[] | undefined {
  return new Outline(source, tokens, complaints).file()
}

const is = (found: IToken | undefined, type: Parameters<typeof tokenMatcher>[1]) =>
  found !== undefined && tokenMatcher(found, type)

class Outline {
  private at = 0
  private readonly source: string
  private readonly tokens: readonly IToken[]
  private readonly complaints: Complaints
  /** Blocks that nothing closes: then a statement at the beginning of a line closes them. */
  private unclosed: number
  private tooDeep = false
  private ended = false

  constructor(source: string, tokens: readonly IToken[], complaints: Complaints) {
    this.source = source
    this.tokens = tokens
    this.complaints = complaints
    this.unclosed = 0
    for (const { tokenType } of tokens) {
      if (tokenType === token.OpenBrace) this.unclosed++
      if (tokenType === token.CloseBrace) this.unclosed--
    }
  }

  file(): readonly Item[] | undefined {
    const items: Item[] = []
    while (this.at < this.tokens.length) {
      this.items(items, 0)
      if (is(this.tokens[this.at], token.CloseBrace)) {
        this.complaints.add('syntax', spanOf(this.tokens[this.at++]), 'no block is open here', 'remove the `}`')
      }
    }
    return this.tooDeep ? undefined : items
  }

  private items(items: Item[], depth: number): void {
    for (;;) {
      const next = this.tokens[this.at]
      if (next === undefined || is(next, token.CloseBrace)) return
      if (is(next, token.Newline) || is(next, token.Semicolon)) {
        this.at++
        continue
      }
      if (depth > 0 && this.unclosed > 0 && items.length > 0 && this.beginsLine(next)) return
      items.push(this.item(depth))
    }
  }

  private item(depth: number): Item {
    const first = this.tokens[this.at]
    const header = this.header()
    const open = this.tokens[this.at]
    const block = is(open, token.OpenBrace) ? this.block(open, depth + 1) : undefined
    const whole = !block || is(this.tokens[this.at - 1], token.CloseBrace)
    const next = this.tokens[this.at]
    const script = whole && is(next, token.Script) ? this.tokens[this.at++] : undefined
    const last = this.tokens[this.at - 1]
    if (whole) this.nothingFollows(block !== undefined || script !== undefined)
    return { header, start: first.startOffset, end: endOf(last), ...(block && { block }), ...(script && { script }) }
  }

  private block(open: IToken, depth: number): { open: IToken; items: readonly Item[] } {
    this.at++
    const items: Item[] = []
    if (depth > deepestNesting) {
      this.complaints.add('too-large', spanOf(open), `blocks are nested more than ${deepestNesting} deep`)
      this.at = this.tokens.length
      this.tooDeep = true
      return { open, items }
    }
    this.items(items, depth)
    if (is(this.tokens[this.at], token.CloseBrace)) this.at++
    else if (!this.tooDeep) {
      this.unclosed--
      // At the end of the file all blocks are open that one missing brace leaves open: the innermost is told.
      if (!this.ended) this.complaints.add('syntax', spanOf(open), 'this block is never closed', 'end it with `}`')
      this.ended = this.at >= this.tokens.length
    }
    return { open, items }
  }

  /** The tokens up to the block, the script or the end of the statement. */
  private header(): readonly IToken[] {
    const header: IToken[] = []
    let parentheses = 0
    for (; this.at < this.tokens.length; this.at++) {
      const next = this.tokens[this.at]
      if (is(next, token.Newline)) {
        if (this.endsAtNewline(header, parentheses)) break
        continue
      }
      if (is(next, token.CloseBrace) || is(next, token.Semicolon) || is(next, token.OpenBrace)) break
      if (parentheses === 0 && is(next, token.Script)) break
      if (is(next, token.OpenParenthesis)) parentheses++
      if (is(next, token.CloseParenthesis)) parentheses = Math.max(0, parentheses - 1)
      header.push(next)
    }
    return header
  }

  /** Whether the statement ends here; moves to the last of several newlines if it goes on. */
  private endsAtNewline(header: readonly IToken[], parentheses: number): boolean {
    const last = header.at(-1)
    let ahead = this.at
    while (is(this.tokens[ahead + 1], token.Newline)) {
      const between = this.source.slice(endOf(this.tokens[ahead]), this.tokens[ahead + 1].startOffset)
      if (between.trim() === '') return true
      ahead++
    }
    const next = this.tokens[ahead + 1]
    if (next === undefined || is(next, token.At) || is(next, token.When)) return true
    if (!continues(next)) {
      if (parentheses === 0 && !wantsMore(last)) return true
      // What goes on is indented deeper than what it goes on from, so that an open end hides nothing.
      if (header[0] && this.columnOf(next) <= this.columnOf(header[0])) return true
    }
    this.at = ahead
    return false
  }

  private nothingFollows(closed: boolean): void {
    const next = this.tokens[this.at]
    const ended = next === undefined || is(next, token.Newline) || is(next, token.Semicolon)
    if (ended || is(next, token.CloseBrace)) return
    const first = this.at
    let open = 0
    for (; this.at < this.tokens.length; this.at++) {
      if (is(this.tokens[this.at], token.OpenBrace)) open++
      if (is(this.tokens[this.at], token.CloseBrace) && --open < 0) break
      if (open === 0 && is(this.tokens[this.at], token.Newline)) break
    }
    const span = { start: next.startOffset, end: endOf(this.tokens[Math.max(first, this.at - 1)]) }
    const help = closed
      ? 'parameters and `that` stand before the block and the script; a new statement begins on a line of its own'
      : undefined
    this.complaints.add('syntax', span, `the statement has ended before \`${next.image.slice(0, 20)}\``, help)
  }

  private columnOf(found: IToken): number {
    return found.startOffset - (this.source.lastIndexOf('\n', found.startOffset - 1) + 1)
  }

  private beginsLine(found: IToken): boolean {
    const before = found.startOffset === 0 || this.source[found.startOffset - 1] === '\n'
    return before && (is(found, token.Name) || is(found, token.At) || is(found, token.When))
  }
}

function wantsMore(last: IToken | undefined): boolean {
  const more = [token.Comma, token.Operator, token.That, token.Then, token.And, token.Or, token.Not, token.In]
  return more.some(type => is(last, type))
}

function continues(next: IToken): boolean {
  const goOn = [
    token.PrepositionWord,
    token.That,
    token.Then,
    token.Operator,
    token.And,
    token.Or,
    token.In,
    token.Where,
  ]
  return is(next, token.CloseParenthesis) || is(next, token.Comma) || goOn.some(type => is(next, type))
}

export function spanOf(found: IToken): { start: number; end: number } {
  return { start: found.startOffset, end: endOf(found) }
}
