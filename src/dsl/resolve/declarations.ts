// Finds what the statements of a scenario declare, before any of them is resolved: the order of declarations carries no
// meaning, so a statement may speak of what stands below it.

import type { Parameter, WordDefinition } from '../../model/vocabulary.ts'
import { quantityOf } from '../expression/literal.ts'
import type { RawStatement, Text } from '../syntax.ts'
import type { Context } from './context.ts'
import { aThing, type Declared, ownNames } from './names.ts'

export function declareAll(statements: readonly RawStatement[], context: Context, parent?: WordDefinition): void {
  const found: { text: Text; type: Declares; declared: Declared }[] = []
  collect(statements, context, parent, found)
  // What may refer to a declaration that stands elsewhere comes after those that insist.
  for (const late of [false, true]) {
    for (const { text, type, declared } of found) {
      if ((type.orRefers ?? false) === late) declare(text, type, declared, context)
    }
  }
}

type Declares = Extract<Parameter, { type: 'declares' }>

function collect(
  statements: readonly RawStatement[],
  context: Context,
  parent: WordDefinition | undefined,
  found: { text: Text; type: Declares; declared: Declared }[],
): void {
  for (const statement of statements) {
    const word = statement.word?.text
    const definition = word === undefined ? undefined : context.words.find(word, parent?.name)
    collect(statement.body, context, definition ?? parent, found)
    if (!definition) continue
    const add = (text: Text | undefined, type: Parameter | undefined) => {
      const given = text && type?.type === 'declares' ? context.given(text) : undefined
      if (!given || type?.type !== 'declares') return
      const { text: name, span } = given
      const declared = {
        name,
        thing: type.thing,
        span,
        word: definition.name,
        ...details(statement, definition, context),
      }
      found.push({ text: given, type, declared })
    }
    if (definition.name !== 'vary') for (const text of statement.about) add(text, definition.about)
    for (const { preposition, values } of statement.parameters) {
      for (const text of values) add(text, definition.parameters?.[preposition])
    }
  }
}

function details(statement: RawStatement, definition: WordDefinition, context: Context): Partial<Declared> {
  const text = statement.parameters.find(({ preposition }) => preposition === 'times')?.values[0]
  const given = text && /^:/.test(text.text) ? context.variant.get(text.text.slice(1)) : text?.text
  const quantity = given === undefined ? undefined : quantityOf(given)
  const times = quantity && 'value' in quantity ? quantity.value : undefined
  return { ...(times !== undefined && { times }), ...(definition.lasts && { lasts: true }) }
}

const simple = /^[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*$/

function declare(text: Text, type: Declares, declared: Declared, { names, complaints }: Context): void {
  const { name, span } = declared
  if (!simple.test(name)) {
    const help = 'a name has letters, digits, `_`, and `-` between letters'
    complaints.add('wrong-type', span, `\`${text.text}\` cannot be a name`, help)
    return
  }
  if (type.thing !== 'slot' && ownNames.includes(name)) {
    complaints.add('duplicate', span, `\`${name}\` means something in conditions and moments`, 'choose another name')
    return
  }
  const taken = names.declare(declared)
  if (!taken || (type.orRefers && taken.thing === type.thing)) return
  complaints.add(
    'duplicate',
    span,
    `\`${name}\` is ${aThing(taken.thing)} already`,
    'every name stands for one thing: choose another',
  )
}
