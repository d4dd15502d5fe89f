// The tokens of `.drill` and of expressions, which are the same. Reserved words are names too; the grammars say where.

import { createToken, type IToken, Lexer, type TokenType } from 'chevrotain'
import { prepositions } from '../model/scenario.ts'

export const Name = createToken({ name: 'Name', pattern: /[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*/ })
/** Reserved words that an expression may still use as names of fields and things. */
export const PhraseWord = createToken({ name: 'PhraseWord', pattern: Lexer.NA })
export const PrepositionWord = createToken({ name: 'PrepositionWord', pattern: Lexer.NA, categories: [PhraseWord] })

function word(image: string, categories: TokenType[] = []): TokenType {
  const pattern = new RegExp(image)
  return createToken({ name: image, pattern, longer_alt: Name, categories })
}

export const prepositionTokens = prepositions.map(name => word(name, [PrepositionWord]))
export const On = prepositionTokens[prepositions.indexOf('on')]
export const At = word('at', [PhraseWord])
export const When = word('when', [PhraseWord])
export const Then = word('then', [PhraseWord])
export const That = word('that', [PhraseWord])
export const And = word('and')
export const Or = word('or')
export const Not = word('not')
export const In = word('in')
export const Where = word('where')
export const Quantifier = createToken({ name: 'Quantifier', pattern: Lexer.NA })
export const quantifierTokens = ['always', 'never', 'eventually'].map(name => word(name, [Quantifier]))

export const NumberToken = createToken({
  name: 'Number',
  pattern: /\d+(?:\.\d+)?(?:[A-Za-z]+(?:\/s\b)?|%)?/,
  start_chars_hint: [...'0123456789'],
})
export const Param = createToken({ name: 'Param', pattern: /:[A-Za-z_]\w*/ })
export const TextToken = createToken({ name: 'Text', pattern: /"(?:[^"\n]|"")*"|'(?:[^'\n]|'')*'/ })
/** A text that its line ends; the reader complains. */
export const OpenText = createToken({ name: 'OpenText', pattern: /["'][^\n]*/ })
export const Script = createToken({
  name: 'Script',
  pattern: { exec: (text, offset) => matchScript(text, offset, true) },
  line_breaks: true,
  start_chars_hint: ['$'],
})
/** A script that nothing closes: up to the next blank line. The reader complains. */
export const OpenScript = createToken({
  name: 'OpenScript',
  pattern: { exec: (text, offset) => matchScript(text, offset, false) },
  line_breaks: true,
  start_chars_hint: ['$'],
})

export const Operator = createToken({ name: 'Operator', pattern: Lexer.NA })
export const Comparison = createToken({ name: 'Comparison', pattern: Lexer.NA, categories: [Operator] })
/** Operators of other languages; the reader says what they are here. */
export const Foreign = createToken({ name: 'Foreign', pattern: /!=|==|&&|\|\||!(?!~)/, categories: [Operator] })
export const Match = createToken({ name: 'Match', pattern: /!?~\*?/, categories: [Comparison] })
export const Unequal = createToken({ name: 'Unequal', pattern: /<>|<=|>=|<|>/, categories: [Comparison] })
export const Equal = createToken({ name: 'Equal', pattern: /=/, categories: [Comparison] })
export const Plus = createToken({ name: 'Plus', pattern: /\+/, categories: [Operator] })
export const Minus = createToken({ name: 'Minus', pattern: /-/, categories: [Operator] })
export const Star = createToken({ name: 'Star', pattern: /\*/, categories: [Operator] })
export const Slash = createToken({ name: 'Slash', pattern: /\//, categories: [Operator] })
export const Index = createToken({ name: 'Index', pattern: /\[\d+\]/ })
export const Dot = createToken({ name: 'Dot', pattern: /\./ })
export const Comma = createToken({ name: 'Comma', pattern: /,/ })
export const Semicolon = createToken({ name: 'Semicolon', pattern: /;/ })
export const OpenBrace = createToken({ name: 'OpenBrace', pattern: /\{/ })
export const CloseBrace = createToken({ name: 'CloseBrace', pattern: /\}/ })
export const OpenParenthesis = createToken({ name: 'OpenParenthesis', pattern: /\(/ })
export const CloseParenthesis = createToken({ name: 'CloseParenthesis', pattern: /\)/ })
export const Newline = createToken({ name: 'Newline', pattern: /\n/, line_breaks: true })
/** What no token begins with; the readers complain. */
const odd = /[^\s\w"'$#:<>=!~+*/.,;{}()[\]&|%-]+/.source
export const Unknown = createToken({
  name: 'Unknown',
  pattern: new RegExp(`${odd}(?:[ \\t]+${odd})*|[\\s\\S]`),
  line_breaks: false,
})
export const Blank = createToken({ name: 'Blank', pattern: /[ \t\r\f\v\u00a0\ufeff]+/, group: Lexer.SKIPPED })
export const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*/, group: 'comments' })

/** What makes a statement unreadable. */
export const broken: readonly TokenType[] = [OpenText, OpenScript, Unknown]

export const tokenTypes: TokenType[] = [
  Blank,
  Newline,
  Comment,
  ...prepositionTokens,
  ...[At, When, Then, That, And, Or, Not, In, Where],
  ...quantifierTokens,
  ...[PhraseWord, PrepositionWord, Quantifier, Operator, Comparison],
  ...[Name, NumberToken, Param, Script, OpenScript, TextToken, OpenText],
  ...[Foreign, Match, Unequal, Equal, Plus, Minus, Star, Slash],
  ...[Index, Dot, Comma, Semicolon, OpenBrace, CloseBrace, OpenParenthesis, CloseParenthesis],
  Unknown,
]

/** Its definition is validated by a test, so that no start of the program has to. */
export const lexer = new Lexer(tokenTypes, { positionTracking: 'onlyOffset', skipValidations: true })

/** The offset behind a token; the lexer tracks only where tokens begin. */
export function endOf(found: IToken): number {
  return found.startOffset + found.image.length
}

/** How deep parentheses and prefix operators are nested. */
export function depthOf(tokens: readonly IToken[]): number {
  let depth = 0
  let deepest = 0
  let signs = 0
  for (const { tokenType } of tokens) {
    if (tokenType === OpenParenthesis) depth++
    if (tokenType === CloseParenthesis) depth--
    const prefix = tokenType === Not || tokenType === Minus || tokenType === Plus
    signs = prefix ? signs + 1 : 0
    deepest = Math.max(deepest, depth + signs)
  }
  return deepest
}

/** A file of nothing but openings would be searched to its end for each of them. */
export function tooManyTags(text: string): boolean {
  const tags = new Set<string>()
  for (const [tag] of text.matchAll(/\$[A-Za-z_]\w*\$/g)) if (tags.add(tag).size > 1_000) return true
  return false
}

/** `$$ … $$` or `$tag$ … $tag$`; of an open one what is before the next blank line or the next statement with a script. */
function matchScript(text: string, offset: number, closed: boolean): [string] | null {
  const opening = /^\$(?:[A-Za-z_]\w*)?\$/.exec(text.slice(offset, offset + 66))?.[0]
  if (opening === undefined) return null
  const close = text.indexOf(opening, offset + opening.length)
  const stolen = close !== -1 && opening === '$$' && lacksEnd(text) && opensAnother(text, offset, close)
  if (closed) return close === -1 || stolen ? null : [text.slice(offset, close + opening.length)]
  const blank = /\n[ \t\r]*\n/g
  blank.lastIndex = offset
  const end = blank.exec(text)?.index ?? text.length
  return [text.slice(offset, stolen ? Math.min(end, text.lastIndexOf('\n', close)) : end)]
}

let counted = { text: '', odd: false }

/** Whether some `$$` has no partner. The answer for the last text is kept, because every script asks. */
function lacksEnd(text: string): boolean {
  if (counted.text !== text) counted = { text, odd: (text.match(/\$\$/g)?.length ?? 0) % 2 === 1 }
  return counted.odd
}

/** Whether the `$$` that would close the script ends the line of another statement, so that it rather opens one. */
function opensAnother(text: string, open: number, close: number): boolean {
  const line = text.lastIndexOf('\n', close) + 1
  const first = text.lastIndexOf('\n', open) + 1
  const before = text.slice(line, close)
  const indent = (at: number) => /^[ \t]*/.exec(text.slice(at, at + 200))![0].length
  const endsLine = /^\$\$[ \t\r]*(?:#.*)?(?:\n|$)/.test(text.slice(close, close + 200))
  return line > first && endsLine && before.trim() !== '' && indent(line) <= indent(first)
}
