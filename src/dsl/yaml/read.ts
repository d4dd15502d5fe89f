// A `.yaml` file -> the raw tree. What stands in a wrong shape was complained about by `shape`; here it is left out.

import type { Preposition } from '../../model/scenario.ts'
import { prepositions } from '../../model/scenario.ts'
import type { Section, WordDefinition } from '../../model/vocabulary.ts'
import type { Complaints } from '../complaints.ts'
import { dedented } from '../script.ts'
import { list, nearest } from '../suggest.ts'
import type { RawParameter, RawScenario, RawSetting, RawStatement, Text } from '../syntax.ts'
import type { Words } from '../words.ts'
import { type Entry, readDocument, type Tree } from './document.ts'
import { onOneLine } from './scalar.ts'
import { checkShape, headers, sections, slots } from './shape.ts'

/** Undefined where the file is no document of keys; then there are complaints. An empty one has no statements. */
export function readYaml(source: string, words: Words, complaints: Complaints): RawScenario | undefined {
  const tree = readDocument(source, complaints)
  if (!tree) return complaints.any ? undefined : { statements: [], unread: [], comments: [] }
  checkShape(tree, complaints)
  return tree.kind === 'map' ? new Reader(words, complaints).scenario(tree) : undefined
}

type MapTree = Extract<Tree, { kind: 'map' }>

class Reader {
  private readonly words: Words
  private readonly complaints: Complaints

  constructor(words: Words, complaints: Complaints) {
    this.words = words
    this.complaints = complaints
  }

  scenario(tree: MapTree): RawScenario {
    const statements: RawStatement[] = []
    let comments: readonly string[] = tree.comments
    for (const { key, value, comments: own } of tree.entries) {
      if (own.length > 0) comments = [...comments, ...own]
      const before = statements.length
      if (key.text === 'vary' && value.kind === 'map') {
        for (const entry of value.entries) statements.push(this.vary(key, entry))
      } else if (sections.some(section => section === key.text) && value.kind === 'list') {
        const section = key.text as Section
        statements.push(...this.body(value, section))
        comments = [...comments, ...value.comments]
      } else if (value.kind !== 'map' && headers.includes(key.text)) {
        statements.push({
          ...empty,
          span: spanOver(key, value),
          word: key,
          about: this.values(value).slice(0, key.text === 'teaches' ? undefined : 1),
          section: 'header',
        })
        comments = [...comments, ...value.comments]
      }
      const first = statements[before]
      if (!first) continue
      statements[before] = { ...first, comments: [...comments, ...first.comments] }
      comments = []
    }
    return { statements, unread: [], comments }
  }

  private vary(word: Text, { key, value, comments }: Entry): RawStatement {
    const over: RawParameter = { preposition: 'over', span: key.span, values: this.values(value) }
    return { ...empty, span: spanOver(key, value), word, about: [key], parameters: [over], comments, section: 'header' }
  }

  private statement(tree: MapTree, section: Section, parent?: WordDefinition): RawStatement | undefined {
    if (tree.entries.some(isMisshapen)) return undefined
    const found = this.word(tree, section, parent)
    if (!found && !isGroup(tree)) return undefined
    const definition = found && this.words.find(found.key.text, parent?.name)
    const carries = definition?.script !== undefined && definition.about === undefined
    const parameters: RawParameter[] = []
    const comments = [...tree.comments]
    const slot: { at?: Text; when?: Text; that?: Text; script?: Text } = {}
    const block: { settings: readonly RawSetting[]; body: readonly RawStatement[] } = { settings: [], body: [] }
    for (const { key, value, comments: own } of tree.entries) {
      comments.push(...own, ...value.comments)
      if (isPreposition(key.text)) {
        parameters.push({ preposition: key.text, span: key.span, values: this.values(value) })
      } else if (key.text === 'set') block.settings = this.settings(value)
      else if (key.text === 'do') block.body = this.body(value, section, definition ?? parent)
      else if (value.kind !== 'text') continue
      else if (key.text === 'at') slot.at = onOneLine(value.text)
      else if (key.text === 'when') slot.when = value.text
      else if (key.text === 'that') slot.that = value.text
      else if (key.text === 'script') slot.script = dedented(value.text, false)
    }
    if (found && carries && found.value.kind === 'text' && found.value.text.text !== '') {
      if (slot.script) {
        const message = `\`${found.key.text}\` has a script already`
        this.complaints.add(
          'duplicate',
          slot.script.span,
          message,
          `write it once, as the value of \`${found.key.text}\``,
        )
      }
      slot.script = dedented(found.value.text, false)
    }
    return {
      span: tree.span,
      ...(found && { word: found.key }),
      ...slot,
      about: found && !carries ? this.values(found.value).filter(({ text }) => text !== '') : [],
      parameters,
      ...block,
      comments,
      section,
    }
  }

  /** The one key that is no slot. */
  private word(tree: MapTree, section: Section, parent?: WordDefinition): Entry | undefined {
    const candidates = tree.entries.filter(({ key }) => !slots.some(slot => slot === key.text))
    const known = candidates.filter(({ key }) => this.words.find(key.text, parent?.name))
    const chosen = known[0] ?? candidates[0]
    if (!chosen) {
      if (!isGroup(tree)) {
        const help = `one key is the word, such as ${list(this.words.namesIn(section).slice(0, 4), 'or')}`
        this.complaints.add(
          'missing',
          { start: tree.span.start, end: tree.span.start + 1 },
          'the statement has no word',
          help,
        )
      }
      return undefined
    }
    for (const other of candidates) {
      if (other === chosen) continue
      const comma = other.value.kind === 'text' && other.value.text.text === '' && !known.includes(other)
      const slip = nearest(other.key.text, slots)
      const message = known.includes(other)
        ? `a statement has one word, and this one has \`${chosen.key.text}\``
        : `\`${chosen.key.text}\` takes no \`${other.key.text}\``
      const help = comma
        ? 'a comma ends a value inside `{ }`: quote the text'
        : slip !== undefined
          ? `did you mean \`${slip}\`?`
          : known.includes(other)
            ? 'a statement of its own begins with `- `'
            : 'settings stand in the map `set`'
      this.complaints.add('unknown-parameter', other.key.span, message, help)
    }
    return chosen
  }

  private values(tree: Tree): readonly Text[] {
    if (tree.kind === 'text')
      return tree.text.text === '' && tree.text.span.start === tree.text.origin ? [] : [onOneLine(tree.text)]
    if (tree.kind === 'map') return []
    return tree.items.flatMap(item => (item.kind === 'text' ? [onOneLine(item.text)] : []))
  }

  private settings(tree: Tree): readonly RawSetting[] {
    if (tree.kind !== 'map') return []
    return tree.entries.map(({ key, value }) => ({ name: key, values: this.values(value) }))
  }

  private body(tree: Tree, section: Section, parent?: WordDefinition): readonly RawStatement[] {
    if (tree.kind !== 'list') return []
    return tree.items.flatMap(item => (item.kind === 'map' ? (this.statement(item, section, parent) ?? []) : []))
  }
}

const empty = { about: [], parameters: [], settings: [], body: [], comments: [] }

/** Statements of one moment, under no word. */
function isGroup(tree: MapTree): boolean {
  return tree.entries.some(({ key }) => key.text === 'do')
}

/** The shape was complained about: nothing sensible can be said of the rest of the statement. */
function isMisshapen({ key, value }: Entry): boolean {
  if (key.text === 'set') return value.kind !== 'map'
  if (key.text === 'do') return value.kind !== 'list'
  return value.kind === 'map' || (value.kind === 'list' && ['at', 'when', 'that', 'script'].includes(key.text))
}

function isPreposition(name: string): name is Preposition {
  return prepositions.some(preposition => preposition === name)
}

function spanOver(key: Text, value: Tree): { start: number; end: number } {
  return { start: key.span.start, end: Math.max(key.span.end, value.span.end) }
}
