// The subjects and functions of expressions as data, for the resolver, help and the reference.

import type { FunctionDefinition, PropertyDefinition } from '../model/vocabulary.ts'
import { functionWords } from './functions/index.ts'
import { eventSets, notModelled, propertySubjects, stateSets } from './subjects/index.ts'

/** Labels are moments; paths know them, no event needs to be reduced. */
const done: PropertyDefinition = {
  of: 'label',
  name: 'done',
  dimension: 'moment',
  summary: 'when what the label names was finished',
}

export const properties: readonly PropertyDefinition[] = [
  ...[...propertySubjects, ...eventSets, ...stateSets].map(subject => subject.definition),
  done,
  ...notModelled,
]

export const functions: readonly FunctionDefinition[] = functionWords.map(word => word.definition)
