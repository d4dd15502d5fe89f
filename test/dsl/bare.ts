// Scenarios without their places in the file, so that two spellings can be compared.

import type { Scenario } from '../../src/model/scenario.ts'

const places = ['span', 'nameSpan', 'wordSpan', 'lineStarts', 'source']

export function bare(scenarios: readonly Scenario[] | undefined): unknown {
  return scenarios && JSON.parse(JSON.stringify(scenarios, (key, value) => (places.includes(key) ? undefined : value)))
}
