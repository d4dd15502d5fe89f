// The tokens that both the grammar of `.drill` and that of conditions are made of.

import { Lexer } from 'chevrotain'
import { expect, test } from 'vitest'
import { lexer, tokenTypes } from '../../src/dsl/tokens.ts'

test('the lexer is well defined', () => {
  const validated = new Lexer(tokenTypes, { positionTracking: 'onlyOffset', deferDefinitionErrorsHandling: true })
  expect(validated.lexerDefinitionErrors).toEqual([])
})

test.each([
  ['tpcb-like crash - 3s crash-3s', ['Name', 'Name', 'Minus', 'Number', 'Name', 'Minus', 'Number']],
  ['teller[0].rpo <= 3 * 200ms', ['Name', 'Index', 'Dot', 'Name', 'Unequal', 'Number', 'Star', 'Number']],
  ['onward on offset of', ['Name', 'on', 'Name', 'of']],
  ["'it''s' \"a\"\"b\" 'open", ['Text', 'Text', 'OpenText']],
  ['10MB/s 90% 1.5h :name ::int', ['Number', 'Number', 'Number', 'Param', 'Unknown', 'Param']],
  ['$$ a $x$ $$ $x$ b $$ $x$ $$ open', ['Script', 'Script', 'OpenScript']],
  ['!~* !~ ~* != <> # no token', ['Match', 'Match', 'Match', 'Foreign', 'Unequal']],
])('%s', (text, names) => {
  const { tokens, errors } = lexer.tokenize(text)
  expect(errors).toEqual([])
  expect(tokens.map(({ tokenType }) => tokenType.name)).toEqual(names)
})
