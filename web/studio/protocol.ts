// What the page and its workers say to each other: all of it plain data. A worker answers every order with its number.

import type { Diagnostic, SourceFile, Vocabulary } from '../../src/index.ts'
import type { ViewerRun } from '../../src/report/viewer-run.ts'
import type { Knob } from './knobs.ts'

export type Order = { readonly number: number } & (
  | { readonly kind: 'vocabulary' }
  | { readonly kind: 'read' | 'play'; readonly source: SourceFile }
  | { readonly kind: 'convert'; readonly source: SourceFile; readonly to: 'drill' | 'yaml' }
)

export interface Reading {
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
  readonly knobs: readonly Knob[]
}

/** One variant or permutation, played. */
export interface PlayedRun {
  /** What tells it from the others; empty where it is the only one. */
  readonly name: string
  /** The text timeline with its verdicts. */
  readonly timeline: string
  readonly held: number
  readonly failed: number
  readonly viewer: ViewerRun
}

export interface Performance {
  readonly diagnostics: readonly Diagnostic[]
  readonly runs: readonly PlayedRun[]
  /** "5 checks held · 10 s played · 15,900 events" */
  readonly summary: string
}

export interface Converted {
  readonly text?: string
  readonly diagnostics: readonly Diagnostic[]
}

export type Answer = { readonly number: number } & (
  | { readonly kind: 'answer'; readonly value: Vocabulary | Reading | Performance | Converted }
  /** How far a run is, in seconds of its own time. */
  | { readonly kind: 'progress'; readonly seconds: number }
  /** pgdrill's own fault. */
  | { readonly kind: 'fault'; readonly message: string }
)
