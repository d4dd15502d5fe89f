// One spelling into the other, or a scenario tidied up in its own. Comments before statements are kept.

import type { Diagnostic } from '../../model/diagnostic.ts'
import type { SourceFile } from '../../model/source.ts'
import type { Vocabulary } from '../../model/vocabulary.ts'
import { Complaints } from '../complaints.ts'
import { readRaw, type Spelling } from '../read.ts'
import { resolve } from '../resolve/scenario.ts'
import { Words } from '../words.ts'
import { printDrill } from './drill.ts'
import { printYaml } from './yaml.ts'

/** What is wrong is not converted; what is not modelled is. */
export function convert(
  source: SourceFile,
  vocabulary: Vocabulary,
  to: Spelling,
): { readonly text?: string; readonly diagnostics: readonly Diagnostic[] } {
  const complaints = new Complaints()
  const words = new Words(vocabulary)
  const raw = readRaw(source, words, complaints)
  if (raw) resolve(raw, source, words, {}, complaints)
  const diagnostics = complaints.all.filter(({ code }) => code !== 'not-modelled')
  if (!raw || diagnostics.length > 0) return { diagnostics }
  return { text: to === 'yaml' ? printYaml(raw, words) : printDrill(raw, words), diagnostics }
}
