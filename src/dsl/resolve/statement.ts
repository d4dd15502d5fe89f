// One statement: its word, its lead, where it stands, and what stands in it. Gives the statement of the IR, as far as it
// could be read; what is wrong is among the complaints.

import type { Moment, Statement } from '../../model/scenario.ts'
import type { Section, WordDefinition } from '../../model/vocabulary.ts'
import { readExpression } from '../expression/read.ts'
import { list, suggestion } from '../suggest.ts'
import type { RawStatement, Text } from '../syntax.ts'
import type { Context } from './context.ts'
import { checkExpression } from './expressions.ts'
import { checkForms } from './forms.ts'
import { readMoment } from './moments.ts'
import { readAbout, readParameters, readScript, readSettings, readThat } from './slots.ts'

/** What surrounds a statement. */
export interface Around {
  readonly parent?: WordDefinition
  /** A block with a lead of its own gives the moment. */
  readonly led?: boolean
}

export function resolveStatement(raw: RawStatement, around: Around, context: Context): Statement | undefined {
  const definition = raw.word && findWord(raw.word, raw.section, around, context)
  if (raw.word && !definition) return undefined
  if (definition?.notModelled !== undefined) {
    const help = 'what is not modelled is refused instead of faked'
    context.complaints.add('not-modelled', raw.word!.span, `\`${definition.name}\`: ${definition.notModelled}`, help)
  }
  const lead = readLead(raw, definition, around, context)
  if (!definition) return resolveGroup(raw, lead, around, context)
  const read: Statement = {
    word: definition.name,
    wordSpan: raw.word!.span,
    span: raw.span,
    ...lead,
    about: readAbout(raw, definition, context),
    parameters: readParameters(raw, definition, context),
    ...readThat(raw, definition, context),
    settings: readSettings(raw, definition, context),
    body: readBody(raw, definition, around, context),
    ...readScript(raw, definition, context),
  }
  checkForms(raw, definition, around, context)
  return read
}

function findWord(word: Text, section: Section | undefined, { parent }: Around, { words, complaints }: Context) {
  const definition = words.find(word.text, parent?.name)
  const parents = words.parentsOf(word.text)
  if (!definition && parents.length > 0) {
    complaints.add('misplaced', word.span, `\`${word.text}\` stands in the block of ${list(parents, 'or')}`)
    return undefined
  }
  if (!definition) {
    const inner = parent?.body ?? []
    const help = complaints.full
      ? undefined
      : suggestion(word.text, [...inner, ...words.namesIn()], 'statements begin with a word of the language')
    complaints.add('unknown-word', word.span, `there is no statement \`${word.text}\``, help)
    return undefined
  }
  if (parent && !parent.body?.includes(word.text)) {
    const help = parent.body ? `in its block stands ${list(parent.body, 'or')}` : 'it has no statements in its block'
    complaints.add('misplaced', word.span, `\`${word.text}\` may not stand in the block of \`${parent.name}\``, help)
    return undefined
  }
  if (!parent && section !== undefined && definition.section !== section) {
    const place =
      definition.section === 'header'
        ? `a key of the document: \`${word.text}: …\``
        : `the section \`${definition.section}\``
    complaints.add('misplaced', word.span, `\`${word.text}\` may not stand in \`${section}\``, `it stands in ${place}`)
  }
  return definition
}

function readLead(
  raw: RawStatement,
  definition: WordDefinition | undefined,
  { led = false, parent }: Around,
  context: Context,
): { at?: Moment; when?: NonNullable<Statement['when']> } {
  const { complaints } = context
  const { at, when } = raw
  const first = at ?? when
  if (at && when) complaints.add('misplaced', when.span, 'a statement has one lead', 'keep `at` or `when`')
  if (first && led) {
    complaints.add(
      'misplaced',
      first.span,
      'the block has its moment already',
      'give this statement a line outside of it',
    )
  } else if (first && definition?.lead === 'none') {
    const message = `\`${definition.name}\` declares, and has no moment`
    complaints.add('misplaced', first.span, message, 'write it without a lead')
  } else if (first && parent && definition?.section === 'timeline') {
    const help = `leave the moment out: it is that of the \`${parent.name}\``
    complaints.add('misplaced', first.span, 'a statement of this block has no moment of its own', help)
  } else if (!first && !led && definition?.lead === 'required') {
    const help = `write \`at 5s ${definition.name} …\`, or \`when CONDITION then ${definition.name} …\``
    complaints.add('missing', raw.word!.span, `\`${definition.name}\` needs a moment`, help)
  } else if (!first && !definition) {
    complaints.add(
      'syntax',
      { start: raw.span.start, end: raw.span.start + 1 },
      'a block stands alone',
      'give it a lead',
    )
  }
  const moment = at && readMoment(at, context)
  const condition = when && readExpression(when, context.lookup, context.complaints)
  if (condition) checkExpression(condition, context)
  const acts = definition ? definition.section === 'timeline' : raw.body.some(each => isAction(each, context))
  if (moment && acts) checkReachable(moment, context)
  return { ...(moment && { at: moment }), ...(condition && { when: condition }) }
}

function isAction({ word }: RawStatement, { words }: Context): boolean {
  return word !== undefined && words.find(word.text)?.section === 'timeline'
}

/** What acts cannot know that its label will come. */
function checkReachable(moment: Moment, { complaints }: Context): void {
  if (moment.from === 'end') {
    complaints.add(
      'moment',
      moment.span,
      'nothing acts at the end: the run is over',
      'count from `start` or from a label',
    )
  } else if (moment.offset < 0) {
    const what = moment.from === 'label' ? `before \`${moment.label}\`` : 'before its moment'
    complaints.add('moment', moment.span, `an action cannot lie ${what}`, 'only checks look back; write `+`')
  }
}

/** A lead with nothing but a block. */
function resolveGroup(raw: RawStatement, lead: object, around: Around, context: Context): Statement {
  const body = raw.body.flatMap(each => resolveStatement(each, { ...around, led: true }, context) ?? [])
  for (const { name } of raw.settings) {
    context.complaints.add(
      'misplaced',
      name.span,
      'settings belong to a word',
      'move them into the block of a statement',
    )
  }
  if (raw.body.length === 0) {
    context.complaints.add('missing', { start: raw.span.start, end: raw.span.start + 1 }, 'the block is empty')
  }
  const none = { about: [], parameters: {}, settings: [] }
  return { word: 'do', wordSpan: raw.span, span: raw.span, ...lead, ...none, body }
}

function readBody(
  raw: RawStatement,
  definition: WordDefinition,
  around: Around,
  context: Context,
): readonly Statement[] {
  if (!definition.body && raw.body.length > 0) {
    const [first] = raw.body
    const help = 'settings are written `name = value`; other statements stand outside'
    context.complaints.add(
      'misplaced',
      first.word?.span ?? first.span,
      `\`${definition.name}\` has no statements in its block`,
      help,
    )
    return []
  }
  return raw.body.flatMap(each => resolveStatement(each, { ...around, parent: definition }, context) ?? [])
}
