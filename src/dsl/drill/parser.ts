// The grammar of one statement's phrase, without its condition, block and script, and of a setting. Gives the tokens of
// each slot; a value is no more than its first and last token here, because the parameter's type reads it.

import { EmbeddedActionsParser, type IToken } from 'chevrotain'
import { errorMessages } from '../messages.ts'
import * as token from '../tokens.ts'

/** A value's first and last token. */
export interface Extent {
  readonly first: IToken
  readonly last: IToken
}

export interface Phrase {
  readonly at?: Extent
  readonly word?: IToken
  readonly about: readonly Extent[]
  readonly parameters: readonly { readonly preposition: IToken; readonly values: readonly Extent[] }[]
}

export interface SettingPhrase {
  readonly name: Extent
  readonly values: readonly Extent[]
}

class PhraseParser extends EmbeddedActionsParser {
  constructor() {
    super(token.tokenTypes, { errorMessageProvider: errorMessages, maxLookahead: 2, skipValidations: true })
    this.performSelfAnalysis()
  }

  statement = this.RULE('statement', (): Phrase => {
    const at = this.OPTION(() => {
      this.CONSUME(token.At)
      return this.SUBRULE1(this.value)
    })
    const phrase = this.OPTION1(() => this.SUBRULE(this.phrase))
    return { about: [], parameters: [], ...phrase, ...(at && { at }) }
  })

  phrase = this.RULE('phrase', () => {
    const word = this.CONSUME(token.Name)
    // A bare `on` is the preposition here, though it is a value elsewhere.
    const about =
      this.OPTION({ GATE: () => this.LA(1).tokenType !== token.On, DEF: () => this.SUBRULE(this.values) }) ?? []
    const parameters: { preposition: IToken; values: readonly Extent[] }[] = []
    this.MANY(() => {
      const preposition = this.CONSUME(token.PrepositionWord)
      parameters.push({ preposition, values: this.SUBRULE1(this.values) })
    })
    return { word, about, parameters }
  })

  setting = this.RULE('setting', (): SettingPhrase => {
    const name = this.SUBRULE(this.path)
    this.CONSUME(token.Equal)
    return { name, values: this.SUBRULE(this.values) }
  })

  values = this.RULE('values', () => {
    const values: Extent[] = []
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => void values.push(this.SUBRULE(this.value)) })
    return values
  })

  value = this.RULE('value', (): Extent => {
    const { first, last } = this.SUBRULE(this.term)
    let end = last
    this.MANY(() => {
      this.OR([{ ALT: () => this.CONSUME(token.Plus) }, { ALT: () => this.CONSUME(token.Minus) }])
      end = this.SUBRULE1(this.term).last
    })
    return { first, last: end }
  })

  term = this.RULE('term', (): Extent => {
    return this.OR([
      {
        ALT: () => {
          const minus = this.OPTION(() => this.CONSUME(token.Minus))
          const number = this.CONSUME(token.NumberToken)
          return { first: minus ?? number, last: number }
        },
      },
      { ALT: () => single(this.CONSUME(token.TextToken)) },
      { ALT: () => single(this.CONSUME(token.Param)) },
      { ALT: () => single(this.CONSUME(token.On)) },
      { ALT: () => this.SUBRULE(this.named) },
    ])
  })

  named = this.RULE('named', (): Extent => {
    const { first, last } = this.SUBRULE(this.path)
    const close = this.OPTION(() => {
      this.CONSUME(token.OpenParenthesis)
      this.MANY_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.argument) })
      return this.CONSUME(token.CloseParenthesis)
    })
    return { first, last: close ?? last }
  })

  argument = this.RULE('argument', () => {
    this.OR([{ ALT: () => this.CONSUME(token.Star) }, { ALT: () => this.SUBRULE(this.value) }])
  })

  path = this.RULE('path', (): Extent => {
    const first = this.CONSUME(token.Name)
    let last = first
    const index = () => {
      last = this.CONSUME(token.Index)
    }
    this.OPTION(index)
    this.MANY(() => {
      this.CONSUME(token.Dot)
      last = this.OR([{ ALT: () => this.CONSUME1(token.Name) }, { ALT: () => this.CONSUME(token.PhraseWord) }])
      this.OPTION1(() => {
        last = this.CONSUME1(token.Index)
      })
    })
    return { first, last }
  })
}

function single(found: IToken): Extent {
  return { first: found, last: found }
}

let parser: PhraseParser | undefined

/** Made when it is first needed: its analysis takes time that a YAML scenario need not spend. */
export function phraseParser(): PhraseParser {
  parser ??= new PhraseParser()
  return parser
}
