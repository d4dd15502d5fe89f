// The product's vocabulary, without loading what plays it.

import { words as checkWords, functions, properties } from '../../src/checks/index.ts'
import type { Vocabulary } from '../../src/model/vocabulary.ts'
import { settingDefinitions } from '../../src/runtime/simulated/settings/definitions.ts'
import { words } from '../../src/runtime/words/index.ts'

export const vocabulary: Vocabulary = {
  words: [...words, ...checkWords],
  settings: settingDefinitions,
  properties,
  functions,
}
