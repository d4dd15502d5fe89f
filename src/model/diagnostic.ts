// What is wrong with a scenario, where, and what would be right. Every kind of complaint has a code of this closed list.

import type { Span } from './source.ts'

export const diagnosticCodes = {
  syntax: 'the text does not have the shape of a scenario',
  yaml: 'the file is not the YAML that a scenario may be',
  'unknown-word': 'no statement begins with this word',
  'unknown-name': 'nothing of this name is declared',
  'unknown-setting': 'there is no such setting',
  'unknown-parameter': 'the word does not take this preposition or slot',
  'unknown-subject': 'a condition speaks of something that cannot be observed',
  missing: 'something that the word needs is not there',
  misplaced: 'the statement may not stand here',
  duplicate: 'the name is taken, or the parameter stands twice',
  'wrong-type': 'the value is of another type than is needed',
  'wrong-unit': 'the unit does not fit',
  'out-of-range': 'the value is outside what is allowed',
  circle: 'declarations or moments depend on each other in a circle',
  moment: 'the moment cannot be: an action before its label, or a label that nothing sets',
  sql: 'the SQL is not valid',
  script: 'the pgbench script is not valid',
  'not-modelled': 'PostgreSQL has it, pgdrill does not play it yet',
  'too-large': 'the scenario exceeds a budget',
} as const

export type DiagnosticCode = keyof typeof diagnosticCodes

export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly span: Span
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string
  /** What would be right. */
  readonly help?: string
}
