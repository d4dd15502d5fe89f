// What may differ between two runs that are both right: the form of a rule, and how rules are asked. The rules
// themselves are in rules.ts.

import type { EventKind } from '../model/trace.ts'
import type { Entry } from './entry.ts'

/** Which entries a rule is about. */
export interface Pattern {
  /** `log.line` if left out. */
  readonly kind?: EventKind | readonly EventKind[]
  /** The type of the process; any if left out. */
  readonly process?: RegExp
  /** Looked for in the shape. */
  readonly says: RegExp
}

interface Named {
  readonly name: string
  /** Why both runs are right: a sentence for the person who reads that something was tolerated. */
  readonly because: string
}

export type Rule = Named &
  (
    | /** Any of these may stand for any other. */ { readonly lets: 'alternate'; readonly of: Pattern }
    | /** It may be there or not, as often as it likes. */ { readonly lets: 'come and go'; readonly of: Pattern }
    | /** How often, and when, is open; but both runs have it or neither. */ {
        readonly lets: 'repeat'
        readonly of: Pattern
      }
    | /** Only the simulation may have it, if it lives or lasts for less than this, in nanoseconds. */ {
        readonly lets: 'be missed'
        readonly below: number
        readonly of: Pattern
      }
    | /** Its place among the other lines of its process is open. */ { readonly lets: 'move'; readonly of: Pattern }
    | /** These details of it may differ, or be there or not. */ {
        readonly lets: 'differ in'
        readonly details: readonly string[]
        readonly of: Pattern
      }
    | /** Lines of several processes of one node that have their order nevertheless. */ {
        readonly lets: 'never'
        readonly inOrder: readonly Pattern[]
      }
  )

export type RuleOf<L extends Rule['lets']> = Extract<Rule, { readonly lets: L }>

export function matches({ kind = 'log.line', process, says }: Pattern, entry: Entry): boolean {
  const isKind = typeof kind === 'string' ? kind === entry.kind : kind.includes(entry.kind)
  return isKind && (process === undefined || process.test(entry.process)) && says.test(entry.shape)
}

export class Rulebook {
  readonly orders: readonly RuleOf<'never'>[]
  private readonly rules: readonly Rule[]
  private readonly keys = new WeakMap<Entry, string>()

  constructor(rules: readonly Rule[]) {
    this.rules = rules
    this.orders = rules.filter(rule => rule.lets === 'never')
  }

  /** The first rule that lets this entry do so. */
  allows<L extends 'alternate' | 'come and go' | 'repeat' | 'move'>(lets: L, entry: Entry): RuleOf<L> | undefined {
    return this.rules.find(rule => rule.lets === lets && matches(rule.of, entry)) as RuleOf<L> | undefined
  }

  /** The first rule by which a real run may have missed this entry of the simulation. */
  allowsToMiss(entry: Entry): RuleOf<'be missed'> | undefined {
    const isBrief = ({ below }: RuleOf<'be missed'>) => entry.lived !== undefined && entry.lived < below
    return this.rules.find(rule => rule.lets === 'be missed' && isBrief(rule) && matches(rule.of, entry)) as
      | RuleOf<'be missed'>
      | undefined
  }

  /** Whether its place among what its process or session tells means something. */
  isFirm(entry: Entry): boolean {
    return (['move', 'repeat', 'come and go'] as const).every(lets => this.allows(lets, entry) === undefined)
  }

  /** The rule that lets an entry differ in this detail. */
  allowsDetail(detail: string, entry: Entry): Rule | undefined {
    return this.rules.find(
      rule => rule.lets === 'differ in' && rule.details.includes(detail) && matches(rule.of, entry),
    )
  }

  /** Two entries of one key are the same thing told twice. */
  keyOf(entry: Entry): string {
    const known = this.keys.get(entry)
    if (known !== undefined) return known
    const key = this.makeKey(entry)
    this.keys.set(entry, key)
    return key
  }

  private makeKey(entry: Entry): string {
    const says = this.allows('alternate', entry)?.name ?? entry.shape
    // Alternatives may be told by processes of different types, as a backend that becomes a walsender.
    const process = says === entry.shape ? entry.process : ''
    return `${entry.kind} | ${entry.place} | ${process} | ${says}`
  }
}
