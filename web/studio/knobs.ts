// The knobs of a scenario: the values that its cluster and its clients are declared with, its seed and its major. To
// turn one is to change the text where the value stands.

import type { Scenario, SourceFile, Statement, Value, Vocabulary } from '../../src/index.ts'

export interface Knob {
  /** `primary.shared_buffers`, `teller every`. */
  readonly label: string
  readonly summary: string
  readonly text: string
  /** Where it stands in the source. */
  readonly start: number
  readonly end: number
  /** What may stand there; missing: a number with its unit, or any text. */
  readonly choices?: readonly string[]
}

const majors = ['15', '16', '17', '18']
const onOrOff = ['on', 'off']
const turned = ['number', 'duration', 'size', 'percent', 'bandwidth']

export function knobsOf(scenario: Scenario, vocabulary: Vocabulary): readonly Knob[] {
  const { source } = scenario
  return [
    ...headerKnob(source, 'postgres', "PostgreSQL's major version.", majors),
    ...headerKnob(source, 'seed', 'Where chance starts from.'),
    ...[...scenario.cluster, ...scenario.clients].flatMap(statement => knobsOfStatement(statement, source, vocabulary)),
  ]
}

/** Both spellings have the header's words at the beginning of a line. */
function headerKnob({ text }: SourceFile, word: string, summary: string, choices?: readonly string[]): Knob[] {
  const found = new RegExp(`^${word}:?[ \\t]+(\\d+)`, 'm').exec(text)
  if (!found) return []
  const end = found.index + found[0].length
  return [{ label: word, summary, text: found[1], start: end - found[1].length, end, ...(choices ? { choices } : {}) }]
}

function knobsOfStatement(statement: Statement, source: SourceFile, vocabulary: Vocabulary): readonly Knob[] {
  const name = statement.about[0]?.text ?? statement.word
  const parameters = Object.entries(statement.parameters).flatMap(([preposition, values]) =>
    values.flatMap(value => knobOf(`${name} ${preposition}`, value, source)),
  )
  const own = statement.settings.flatMap(setting => {
    if (setting.values.length !== 1) return []
    return knobOf(`${name}.${setting.name}`, setting.values[0], source, described(setting.name, statement, vocabulary))
  })
  const inside = statement.body.flatMap(each => knobsOfStatement(each, source, vocabulary))
  return [...parameters, ...own, ...inside]
}

interface Described {
  readonly summary: string
  readonly choices?: readonly string[]
}

/** By its word, or by PostgreSQL. */
function described(name: string, { word }: Statement, vocabulary: Vocabulary): Described | undefined {
  const own = vocabulary.words.find(each => each.name === word)?.settings?.[name]
  if (own?.type === 'keyword') return own
  if (own) return { summary: own.summary, ...(own.type === 'boolean' ? { choices: onOrOff } : {}) }
  const definition = vocabulary.settings.find(each => each.name === name)
  return definition?.type === 'bool' ? { summary: definition.summary, choices: onOrOff } : definition
}

/** A value that comes from elsewhere, as a parameter's, does not stand there itself. */
function knobOf(label: string, value: Value, { text }: SourceFile, definition?: Described): readonly Knob[] {
  const { start, end } = value.span
  const isSetting = label.includes('.')
  if (text.slice(start, end) !== value.text || (!isSetting && !turned.includes(value.type))) return []
  const choices = definition?.choices
  const knob = { label, summary: definition?.summary ?? '', text: value.text, start, end }
  return [choices?.includes(value.text) ? { ...knob, choices } : knob]
}

/** The value halved or doubled, its unit kept; undefined for what is no number. */
export function scaled(text: string, factor: number): string | undefined {
  const parts = /^(?<number>\d+(?:\.\d+)?)(?<unit>\s*[A-Za-z%/]*)$/.exec(text)?.groups
  if (!parts) return undefined
  const number = Number(parts.number) * factor
  const whole = Number.isInteger(Number(parts.number)) && parts.unit === ''
  const rounded = whole ? Math.max(1, Math.round(number)) : Number(number.toPrecision(6))
  return `${rounded}${parts.unit}`
}
