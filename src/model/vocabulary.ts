// How a word of the language describes itself: what it is about, its parameters and their types, where it may stand.
// The grammar knows no words; from these definitions come validation, the JSON Schema, help and the reference pages.
// The words themselves live in `runtime` and `checks`; the commands hand them to `dsl` as one Vocabulary.

import type { Preposition } from './scenario.ts'

export type Section = 'header' | 'cluster' | 'clients' | 'timeline' | 'checks'

/** What a name can stand for. All share one namespace. */
export type Thing =
  | 'host'
  | 'node'
  | 'slot'
  | 'archive'
  | 'link'
  | 'client'
  | 'session'
  | 'step'
  | 'label'
  | 'parameter'

export type ParameterType =
  /** Shown to people, never read. */
  | { readonly type: 'prose' }
  /** Declares a new thing of this kind; with `orRefers` only where it is not declared yet. */
  | { readonly type: 'declares'; readonly thing: Thing; readonly orRefers?: boolean }
  /** Names a declared thing of one of these kinds; `name[n]`, and `random(name)` where `random` is allowed. */
  | {
      readonly type: 'refers'
      readonly things: readonly Thing[]
      readonly random?: boolean
      /** Names that stand for something without being declared. */
      readonly words?: readonly string[]
    }
  /** One of a closed list. `also` lists names that PostgreSQL has and pgdrill does not play yet: refused by name. */
  | { readonly type: 'keyword'; readonly choices: readonly string[]; readonly also?: readonly string[] }
  /** A name of no closed list, such as a topic or a relation. */
  | { readonly type: 'name' }
  | { readonly type: 'text' }
  | { readonly type: 'number'; readonly min?: number; readonly max?: number; readonly integer?: boolean }
  | { readonly type: 'duration' | 'size' | 'bandwidth' | 'percent' | 'moment' | 'boolean' }
  /** A step's name, with isolationtester's markers: `b1(a2)`. */
  | { readonly type: 'step' }
  /** A name that must be one of the scenario's steps or labels is `refers`; this takes any value as it is written. */
  | { readonly type: 'any' }

export type Parameter = ParameterType & {
  readonly summary: string
  /** Takes several values. */
  readonly list?: boolean
  /** Takes exactly so many. */
  readonly count?: number
  readonly optional?: boolean
  /** Not played yet: the reason. The parameter is known, and refused by name. */
  readonly notModelled?: string
}

/** What goes together in one use of a word: a statement with some of these must fit one form. */
export interface Form {
  /** The form of statements that are about this. */
  readonly about?: string
  readonly needs: readonly Preposition[]
  readonly takes?: readonly Preposition[]
  /** Whether a lead may, must or must not stand in this form; missing means that it may. */
  readonly lead?: 'needed' | 'refused'
}

export interface WordDefinition {
  readonly name: string
  /** One sentence for help and the reference. */
  readonly summary: string
  /** A complete statement of the `.drill` spelling. */
  readonly example: string
  readonly section: Section
  /** The word stands in the body of these words, and nowhere else. */
  readonly inside?: readonly string[]
  /** Whether a moment or a trigger leads the statement. */
  readonly lead: 'none' | 'optional' | 'required'
  readonly about?: Parameter
  /** In the order in which they are printed. */
  readonly parameters?: Readonly<Partial<Record<Preposition, Parameter>>>
  /** Where some parameters exclude or demand each other. Parameters that no form names stand in all of them. */
  readonly forms?: readonly Form[]
  /** Own settings. */
  readonly settings?: Readonly<Record<string, Parameter>>
  /** The block also takes PostgreSQL's settings. */
  readonly postgresSettings?: boolean
  readonly that?: 'required' | 'optional'
  readonly script?: {
    readonly language: 'sql' | 'pgbench'
    /** What makes the script unnecessary; without this a script must stand. */
    readonly unless?: {
      readonly setting?: string
      readonly parameter?: Preposition
      readonly body?: boolean
      readonly about?: readonly string[]
    }
  }
  /** Words that may stand in the block. */
  readonly body?: readonly string[]
  /** `label.done` exists: what the word begins takes time. */
  readonly lasts?: boolean
  /** Not played yet: the reason. The word is known, and refused by name. */
  readonly notModelled?: string
}

/** The setting of every action and check that may hit, fire or find nothing; without it that fails the run. */
export const optionalSetting: Parameter = {
  type: 'boolean',
  optional: true,
  summary: 'Whether the statement may hit, fire or find nothing; else that fails the run.',
}

/** What a value of the expression language can be. `moment` is a time in the run, `lsn` a place in the WAL. */
export type Dimension =
  | 'number'
  | 'duration'
  | 'size'
  | 'bandwidth'
  | 'percent'
  | 'text'
  | 'boolean'
  | 'moment'
  | 'lsn'
  | 'thing'
  | 'any'

export interface PropertyDefinition {
  readonly of: 'node' | 'client' | 'step' | 'session' | 'label' | 'top'
  /** Dotted where it goes deeper; `*` stands for any name: `slots.*.wal_status`. */
  readonly name: string
  readonly summary: string
  readonly dimension: Dimension | 'set'
  /** For sets: the fields of an element. */
  readonly fields?: Readonly<Record<string, Dimension>>
  /** Not observed yet: the reason, or what to write instead. The property is known, and refused by name. */
  readonly notModelled?: string
}

export interface FunctionDefinition {
  readonly name: string
  readonly summary: string
  readonly takes: readonly ('set' | 'field' | 'number' | 'duration' | 'node' | 'script' | 'text' | 'sets')[]
  readonly optionalFrom?: number
  readonly gives: Dimension
}

export interface SettingDefinition {
  readonly name: string
  readonly type: 'bool' | 'integer' | 'real' | 'string' | 'enum'
  /** PostgreSQL's base unit: kB, 8kB, MB, ms, s, min, B; missing for plain numbers. */
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  readonly context: 'internal' | 'postmaster' | 'sighup' | 'backend' | 'superuser-backend' | 'superuser' | 'user'
  /** What it is before anything sets it, a number in its unit; missing is NULL. */
  readonly boot?: string
  /** First and last major in which it is so; missing means all of 15 to 18. */
  readonly since?: number
  readonly until?: number
  readonly summary: string
  /** Why the simulation does not act on it. */
  readonly notActedUpon?: string
}

/** Everything a scenario may say. */
export interface Vocabulary {
  readonly words: readonly WordDefinition[]
  readonly settings: readonly SettingDefinition[]
  readonly properties: readonly PropertyDefinition[]
  readonly functions: readonly FunctionDefinition[]
}
