// How a setting is written down: one call a setting, whose name and type TypeScript keeps.
// Defaults are written as SHOW prints them. Where a version changed a setting there are two, told apart by since and until.

import type { SettingDefinition } from '../../../../model/vocabulary.ts'

type Context = SettingDefinition['context']

interface Numeric {
  readonly unit?: string
  readonly min?: number
  readonly max?: number
  readonly since?: number
  readonly until?: number
}

interface Versions {
  readonly since?: number
  readonly until?: number
}

export type Defined<N extends string, T extends SettingDefinition['type']> = SettingDefinition & {
  readonly name: N
  readonly type: T
}

export function bool<const N extends string>(
  name: N,
  context: Context,
  initial: string,
  summary: string,
  versions: Versions = {},
): Defined<N, 'bool'> {
  return { name, type: 'bool', context, default: initial, summary, ...versions }
}

export function integer<const N extends string>(
  name: N,
  context: Context,
  initial: string,
  summary: string,
  numeric: Numeric = {},
): Defined<N, 'integer'> {
  return { name, type: 'integer', context, default: initial, summary, ...numeric }
}

export function real<const N extends string>(
  name: N,
  context: Context,
  initial: string,
  summary: string,
  numeric: Numeric = {},
): Defined<N, 'real'> {
  return { name, type: 'real', context, default: initial, summary, ...numeric }
}

export function text<const N extends string>(
  name: N,
  context: Context,
  initial: string,
  summary: string,
  versions: Versions = {},
): Defined<N, 'string'> {
  return { name, type: 'string', context, default: initial, summary, ...versions }
}

export function choice<const N extends string>(
  name: N,
  context: Context,
  choices: readonly string[],
  initial: string,
  summary: string,
  versions: Versions = {},
): Defined<N, 'enum'> {
  return { name, type: 'enum', context, choices, default: initial, summary, ...versions }
}
