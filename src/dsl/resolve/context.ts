// What the parts of the resolver share while one variant of a scenario is resolved.

import type { Span } from '../../model/source.ts'
import type { Complaints } from '../complaints.ts'
import { suggestion } from '../suggest.ts'
import type { Text } from '../syntax.ts'
import type { Words } from '../words.ts'
import type { Names } from './names.ts'

export class Context {
  readonly words: Words
  readonly names: Names
  readonly complaints: Complaints
  /** The values of this variant's parameters. */
  readonly variant: ReadonlyMap<string, string>
  /** PostgreSQL's major version. */
  postgres: 15 | 16 | 17 | 18 = 17

  constructor(words: Words, names: Names, variant: ReadonlyMap<string, string>, complaints: Complaints) {
    this.words = words
    this.names = names
    this.variant = variant
    this.complaints = complaints
  }

  /** A parameter's value; an unknown one is complained about. */
  lookup = (name: string, span: Span): string | undefined => {
    const value = this.variant.get(name)
    if (value === undefined) {
      const help = suggestion(name, [...this.variant.keys()], `declare it: \`vary ${name} over …\``)
      this.complaints.add('unknown-name', span, `there is no parameter \`:${name}\``, help)
    }
    return value
  }

  /** A value that is nothing but a parameter gives way to what the parameter stands for. */
  given(text: Text): Text | undefined {
    if (!/^:[A-Za-z_]\w*$/.test(text.text)) return text
    const value = this.lookup(text.text.slice(1), text.span)
    if (value === undefined) return undefined
    return { text: value, span: text.span, origin: text.span.start, offsets: Array(value.length).fill(text.span.start) }
  }
}
