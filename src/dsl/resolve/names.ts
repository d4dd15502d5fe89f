// What the statements of a scenario declare: nodes, clients, steps, labels and the like share one namespace; slots have
// their own, because a slot is often named after its standby.

import type { Span } from '../../model/source.ts'
import type { Thing } from '../../model/vocabulary.ts'
import { suggestion } from '../suggest.ts'

export interface Declared {
  readonly name: string
  readonly thing: Thing
  readonly span: Span
  /** The word that declares it. */
  readonly word: string
  /** Of a client with `times`: how many there are. */
  readonly times?: number
  /** Of a label: whether `label.done` exists. */
  readonly lasts?: boolean
}

/** Names that expressions and moments have of their own. */
export const ownNames = ['start', 'end', 'random', 'events', 'log', 'processes', 'clients']

export class Names {
  private readonly things = new Map<string, Declared>()
  private readonly slots = new Map<string, Declared>()

  /** Gives what has the name already. */
  declare(declared: Declared): Declared | undefined {
    const space = declared.thing === 'slot' ? this.slots : this.things
    const taken = space.get(declared.name)
    if (!taken) space.set(declared.name, declared)
    return taken
  }

  find(name: string, thing?: Thing): Declared | undefined {
    return (thing === 'slot' ? this.slots : this.things).get(name)
  }

  all(...things: readonly Thing[]): readonly string[] {
    const every = [...this.things.values(), ...this.slots.values()]
    return every.filter(({ thing }) => things.length === 0 || things.includes(thing)).map(({ name }) => name)
  }

  /** What a person may have meant by a name that nothing has. */
  suggest(name: string, ...things: readonly Thing[]): string | undefined {
    const names = this.all(...things)
    const none = things.length === 1 ? `the scenario declares no ${things[0]}` : undefined
    return names.length === 0 ? none : suggestion(name, names)
  }
}

const articles: Readonly<Record<string, string>> = { archive: 'an archive' }

/** `a node`, `an archive`. */
export function aThing(thing: Thing): string {
  return articles[thing] ?? `a ${thing}`
}
