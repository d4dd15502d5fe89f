// How `.drill` is coloured: comments, texts, SQL in dollar quotes, values with units, and the words of the vocabulary.

import { StreamLanguage } from '@codemirror/language'

interface State {
  /** The dollar quote that is open: `$$`, `$body$`. */
  quote: string | undefined
}

const sqlWords =
  /^(select|insert|update|delete|from|where|into|values|set|create|table|index|alter|drop|begin|commit|rollback|and|or|not|null|primary|key|returning|as|on|order|by|group|limit|for|lock|vacuum|analyze|checkpoint|explain)\b/i
const keywords =
  /^(at|when|that|where|on|of|from|to|between|via|within|with|for|as|times|every|over|always|never|eventually|and|or|not|in|start|end)\b/

/** `words`: those that begin a statement. */
export function drillLanguage(words: readonly string[]): StreamLanguage<State> {
  const known = new Set(words)
  return StreamLanguage.define<State>({
    name: 'drill',
    startState: () => ({ quote: undefined }),
    token(stream, state) {
      const quote = stream.match(/^\$\w*\$/) as RegExpMatchArray | null
      if (quote) {
        if (state.quote === undefined) state.quote = quote[0]
        else if (state.quote === quote[0]) state.quote = undefined
        return 'punctuation'
      }
      if (stream.eatSpace()) return null
      if (stream.match(/^(--|#).*/)) return 'comment'
      if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^']|'')*'?/)) return 'string'
      if (stream.match(/^\d+(\.\d+)?[A-Za-z%]*/)) return 'number'
      if (stream.match(/^\\\w+/)) return 'meta'
      if (state.quote !== undefined) {
        if (stream.match(sqlWords)) return 'keyword'
      } else {
        if (stream.match(keywords)) return 'operatorKeyword'
        const word = stream.match(/^[A-Za-z_][\w-]*/, false) as RegExpMatchArray | null
        if (word && known.has(word[0])) {
          stream.match(word[0])
          return 'keyword'
        }
      }
      if (stream.match(/^[A-Za-z_][\w.-]*/)) return 'variableName'
      stream.next()
      return null
    },
  })
}
