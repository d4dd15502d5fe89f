// The door of the scenario language: text -> scenarios and diagnostics, and one spelling into the other. Pure: it reads
// no file, prints nothing, and bad input of any kind becomes diagnostics. What the words mean is left to the runtime.

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Scenario } from '../model/scenario.ts'
import type { SourceFile } from '../model/source.ts'
import type { Vocabulary } from '../model/vocabulary.ts'
import { Complaints } from './complaints.ts'
import { readRaw } from './read.ts'
import { type FurtherChecks, resolve } from './resolve/scenario.ts'
import { Words } from './words.ts'

export { convert } from './print/convert.ts'
export type { Spelling } from './read.ts'
export { renderDiagnostics, type Style } from './render.ts'
export type { FurtherChecks } from './resolve/scenario.ts'
export { schema } from './schema.ts'

export interface Loaded {
  /** One a variant of `vary`, in the order of its values; exactly one without `vary`. Missing where anything is wrong. */
  readonly scenarios?: readonly Scenario[]
  /** In the order of the source. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads a scenario. The spelling is decided by the end of the file's name: .yaml and .yml, .spec, else .drill. */
export function load(source: SourceFile, vocabulary: Vocabulary, further: FurtherChecks = {}): Loaded {
  const complaints = new Complaints()
  const words = new Words(vocabulary)
  const raw = readRaw(source, words, complaints)
  if (!raw) return { diagnostics: complaints.all }
  const scenarios = resolve(raw, source, words, further, complaints)
  return complaints.any ? { diagnostics: complaints.all } : { scenarios, diagnostics: [] }
}
