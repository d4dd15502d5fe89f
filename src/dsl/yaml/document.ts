// A YAML file -> a plain tree of maps, lists and texts with their places. Refuses what a scenario has no use for: tags,
// merge keys, several documents. Aliases are resolved under a budget, so that none of them is a bomb.

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml'
import type { Span } from '../../model/source.ts'
import type { Complaints } from '../complaints.ts'
import { deepestNesting, mostYamlNodes } from '../limits.ts'
import type { Text } from '../syntax.ts'
import { textOf } from './scalar.ts'

export type Tree =
  | { readonly kind: 'text'; readonly text: Text; readonly span: Span; readonly comments: readonly string[] }
  | {
      readonly kind: 'list'
      readonly items: readonly Tree[]
      readonly span: Span
      readonly comments: readonly string[]
    }
  | {
      readonly kind: 'map'
      readonly entries: readonly Entry[]
      readonly span: Span
      readonly comments: readonly string[]
    }

export interface Entry {
  readonly key: Text
  readonly value: Tree
  readonly comments: readonly string[]
}

const messages: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` stands in this line',
}

const helps: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a text that contains `: ` is quoted',
  MULTILINE_IMPLICIT_KEY: 'is a `:` missing behind the key, or a quote?',
  BAD_SCALAR_START: 'quote the text',
  BAD_INDENT: 'items and keys of one level begin in one column; brackets and braces are closed',
  MULTIPLE_DOCS: 'a scenario is one document: remove the `---`',
  MISSING_CHAR: 'is a quote, a bracket, a brace or a `: ` missing before this place?',
  BAD_ALIAS: 'an anchor is written `&name`, and stands before its alias `*name`',
}

/** The library compares every key with all before it; the reader here finds keys that stand twice in one pass. */
const options = {
  schema: 'failsafe',
  merge: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const

const none: readonly string[] = []

/** Undefined where the file is no YAML at all, or nothing stands in it. */
export function readDocument(source: string, complaints: Complaints): Tree | undefined {
  let document: Document.Parsed
  try {
    document = parseDocument(source, options)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    complaints.add('too-large', { start: 0, end: 1 }, 'the document is nested too deep')
    return undefined
  }
  for (const error of document.errors) complain(error, source.length, complaints)
  if (document.errors.length > 0) return undefined
  const reader = new DocumentReader(source, complaints)
  const comments = lines(document.commentBefore)
  const tree = document.contents ? reader.tree(document.contents, 0) : undefined
  return tree && !reader.tooLarge
    ? { ...tree, comments: [...comments, ...tree.comments, ...lines(document.comment)] }
    : undefined
}

function complain({ code, message, pos }: YAMLError, length: number, complaints: Complaints): void {
  const start = Math.max(0, Math.min(pos[0], length - 1))
  const span = { start, end: Math.min(length, Math.max(start + 1, pos[1])) }
  const said = message.replace(/closing (["'])quote/, 'closing quote $1')
  complaints.add('yaml', span, messages[code] ?? said[0].toLowerCase() + said.slice(1), helps[code])
}

class DocumentReader {
  private readonly source: string
  private readonly complaints: Complaints
  private nodes = 0
  /** What each anchor names so far; the library's own search would walk the document for every alias. */
  private readonly anchors = new Map<string, Node>()

  constructor(source: string, complaints: Complaints) {
    this.source = source
    this.complaints = complaints
  }

  get tooLarge(): boolean {
    return this.nodes > mostYamlNodes
  }

  tree(node: unknown, depth: number): Tree | undefined {
    const found = node as Node | null
    if (!found?.range || this.tooLarge) return undefined
    const span = { start: found.range[0], end: Math.max(found.range[0] + 1, found.range[1]) }
    if (++this.nodes > mostYamlNodes || depth > 2 * deepestNesting) {
      const message = depth > 2 * deepestNesting ? 'the document is nested too deep' : 'the document is too large'
      this.complaints.add('too-large', span, message, this.anchors.size > 0 ? 'do aliases multiply it?' : undefined)
      this.nodes = Number.POSITIVE_INFINITY
      return undefined
    }
    if ('tag' in found && found.tag !== undefined) {
      this.complaints.add(
        'yaml',
        span,
        `the tag \`${found.tag.replace('tag:yaml.org,2002:', '!!')}\` means nothing here`,
        'remove it',
      )
    }
    const comments =
      found.commentBefore || found.comment ? [...lines(found.commentBefore), ...lines(found.comment)] : none
    if (isAlias(found)) return this.tree(this.aliased(found), depth + 1)
    if (found.anchor !== undefined) this.anchors.set(found.anchor, found)
    if (isScalar(found)) return { kind: 'text', text: textOf(this.source, found), span, comments }
    if (isSeq(found)) {
      return { kind: 'list', items: found.items.flatMap(item => this.tree(item, depth + 1) ?? []), span, comments }
    }
    if (!isMap(found)) return undefined
    const entries: Entry[] = []
    const seen = new Set<string>()
    for (const { key, value } of found.items) {
      const name = isAlias(key) ? this.aliased(key) : key
      if (!isScalar(name)) {
        this.complaints.add('yaml', span, 'a key must be a name', 'a text that begins with `[` or `{` is quoted')
        continue
      }
      const text = textOf(this.source, name)
      if (text.text === '<<') {
        this.complaints.add('yaml', text.span, 'merge keys are not part of a scenario', 'write the keys out')
        continue
      }
      if (seen.has(text.text)) {
        const help = 'a statement of its own begins with `- `; several values are a list `[a, b]`'
        this.complaints.add('duplicate', text.span, `the key \`${text.text}\` stands twice`, help)
        continue
      }
      seen.add(text.text)
      const empty: Tree = { kind: 'text', text: { ...text, text: '' }, span: text.span, comments: [] }
      const inner = value === null ? empty : this.tree(value, depth + 1)
      if (inner) entries.push({ key: text, value: inner, comments: lines((key as Node).commentBefore) })
    }
    return { kind: 'map', entries, span, comments }
  }

  private aliased(alias: Alias): Node | undefined {
    const node = this.anchors.get(alias.source)
    const span = { start: alias.range![0], end: alias.range![1] }
    if (!node) this.complaints.add('yaml', span, `nothing is anchored as \`${alias.source}\``, helps.BAD_ALIAS)
    return node
  }
}

/** The lines of a comment; the one that tells an editor its schema is none of the scenario's. */
function lines(comment: string | null | undefined): readonly string[] {
  if (comment === null || comment === undefined) return none
  return comment.split('\n').filter(line => !/^\s*yaml-language-server:/.test(line))
}
