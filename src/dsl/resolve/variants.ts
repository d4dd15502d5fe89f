// The parameters of a scenario: each `vary` gives one, and the values of all multiply to the variants.

import type { Complaints } from '../complaints.ts'
import { mostStatements, mostVariants } from '../limits.ts'
import type { RawScenario, RawStatement, Text } from '../syntax.ts'

/** At least one, which is empty where nothing varies. */
export function variantsOf(raw: RawScenario, complaints: Complaints): readonly ReadonlyMap<string, string>[] {
  const axes = raw.statements.filter(({ word }) => word?.text === 'vary').flatMap(statement => axisOf(statement) ?? [])
  let count = 1
  const seen = new Map<string, Text>()
  for (const { name, values } of axes) {
    if (seen.has(name.text)) {
      complaints.add(
        'duplicate',
        name.span,
        `\`${name.text}\` is varied already`,
        'name all of its values in one `vary`',
      )
    }
    seen.set(name.text, name)
    count *= values.length
    if (count > mostVariants) {
      const message = `the scenario has more than ${mostVariants} variants`
      complaints.add('too-large', name.span, message, 'vary less, or in several files')
      return [firstOf(axes)]
    }
  }
  if (count * countOf(raw.statements) > mostStatements) {
    const span = { start: 0, end: 1 }
    complaints.add('too-large', span, `the scenario has more than ${mostStatements} statements in all its variants`)
    return []
  }
  let variants: ReadonlyMap<string, string>[] = [new Map()]
  for (const { name, values } of axes) {
    variants = variants.flatMap(variant => values.map(value => new Map([...variant, [name.text, value.text]])))
  }
  return variants
}

interface Axis {
  readonly name: Text
  readonly values: readonly Text[]
}

function axisOf({ about, parameters }: RawStatement): Axis | undefined {
  const values = parameters.find(({ preposition }) => preposition === 'over')?.values ?? []
  return about.length > 0 && values.length > 0 ? { name: about[0], values } : undefined
}

function firstOf(axes: readonly Axis[]): ReadonlyMap<string, string> {
  return new Map(axes.map(({ name, values }) => [name.text, values[0].text]))
}

function countOf(statements: readonly RawStatement[]): number {
  return statements.reduce((count, { body }) => count + 1 + countOf(body), 0)
}
