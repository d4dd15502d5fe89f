// A `.spec` file of PostgreSQL's isolationtester -> the raw tree: one server, its setup, sessions with their steps, and
// permutations; without any, all orders of the steps. Every permutation has a server of its own here, so what a spec's
// own teardown clears away need not be.

import type { Span } from '../../model/source.ts'
import type { Complaints } from '../complaints.ts'
import { dedented } from '../script.ts'
import type { RawParameter, RawScenario, RawStatement, Text } from '../syntax.ts'
import { type Token, tokenize } from './tokens.ts'

/** The orders of steps that are tried where the file names none. */
const mostOrders = 1000

const empty = { about: [], parameters: [], settings: [], body: [], comments: [] }
const nowhere: Span = { start: 0, end: 0 }
const invented = (text: string): Text => ({ text, span: nowhere, origin: 0 })
const server = invented('primary')
const onServer = [{ preposition: 'on', span: nowhere, values: [server] }] as const

/** `title`: what the scenario is called. */
export function readIsolation(source: string, title: string, complaints: Complaints): RawScenario {
  return new Reader(tokenize(source, complaints), source.length, complaints).scenario(title)
}

class Reader {
  private readonly tokens: readonly Token[]
  private readonly end: number
  private readonly complaints: Complaints
  private at = 0
  private readonly labels = new Set<string>()

  constructor(tokens: readonly Token[], end: number, complaints: Complaints) {
    this.tokens = tokens
    this.end = end
    this.complaints = complaints
  }

  scenario(title: string): RawScenario {
    const statements: RawStatement[] = [
      { ...empty, span: nowhere, word: invented('drill'), about: [invented(title)], section: 'header' },
      { ...empty, span: nowhere, word: invented('node'), about: [server], section: 'cluster' },
    ]
    while (this.at < this.tokens.length && !this.complaints.any) {
      const word = this.tokens[this.at++]
      if (word.kind !== 'name') this.wrong(word, 'a word')
      else if (word.text === 'setup') statements.push(this.scripted(word, { parameters: onServer, section: 'cluster' }))
      else if (word.text === 'teardown') this.sql(word)
      else if (word.text === 'session') statements.push(this.session(word))
      else if (word.text === 'permutation') statements.push(this.permutation(word))
      else this.wrong(word, '`setup`, `teardown`, `session` or `permutation`')
    }
    const sessions = statements.filter(({ word }) => word?.text === 'session')
    if (!statements.some(({ word }) => word?.text === 'permutation')) statements.push(...this.allOrders(sessions))
    return { statements, unread: [], comments: [] }
  }

  private session(word: Token): RawStatement {
    const about = this.name(word)
    const body: RawStatement[] = []
    for (let next = this.next(); next?.kind === 'name'; next = this.next()) {
      if (next.text !== 'setup' && next.text !== 'step' && next.text !== 'teardown') break
      this.at++
      body.push(this.scripted(next, next.text === 'step' ? { about: this.name(next) } : {}))
    }
    return { ...empty, span: this.since(word), word, about, parameters: onServer, body, section: 'clients' }
  }

  private permutation(word: Token): RawStatement {
    const about: Text[] = []
    for (let next = this.next(); next?.kind === 'name'; next = this.next()) {
      if (next.text === 'permutation') break
      this.at++
      about.push(this.next()?.kind === '(' ? this.marked(next) : next)
    }
    if (about.length === 0) this.missing(word, 'steps')
    return { ...empty, span: this.since(word), word, about, parameters: this.labelled(about), section: 'clients' }
  }

  /** With a label its run is over at the same moment on every engine. One that stands twice has it once. */
  private labelled(order: readonly Text[]): readonly RawParameter[] {
    const label = order.map(({ text }) => text.replace(/\(.*/s, '')).join('-')
    if (!/^[A-Za-z_]\w*(-[A-Za-z_]\w*)+$/.test(label) || this.labels.has(label)) return []
    this.labels.add(label)
    return [{ preposition: 'as', span: nowhere, values: [invented(label)] }]
  }

  /** A step with its markers, as `.drill` writes them: b1(a2, a3 notices 2). */
  private marked(step: Token): Text {
    const markers: string[] = []
    this.at++
    for (let token = this.take(); token && token.kind !== ')'; token = this.take()) {
      if (token.kind === ',') continue
      if (token.kind !== 'name' && token.kind !== '*') this.wrong(token, 'the name of a step')
      else if (token.text === 'notices') markers.push(`${markers.pop() ?? ''} notices ${this.take()?.text ?? ''}`)
      else markers.push(token.text)
    }
    return { text: `${step.text}(${markers.join(', ')})`, span: this.since(step), origin: step.origin }
  }

  private scripted(word: Token, more: Partial<RawStatement>): RawStatement {
    const script = this.sql(word)
    return { ...empty, ...more, span: this.since(word), word, ...(script && { script: dedented(script, true) }) }
  }

  private name(after: Token): readonly Text[] {
    const token = this.take()
    if (token?.kind === 'name') return [token]
    this.missing(after, 'a name')
    return []
  }

  private sql(after: Token): Token | undefined {
    const token = this.take()
    if (token?.kind === 'sql') return token
    this.missing(after, 'SQL in braces')
    return undefined
  }

  private next(): Token | undefined {
    return this.tokens[this.at]
  }

  private take(): Token | undefined {
    return this.tokens[this.at++]
  }

  private since({ span }: Token): Span {
    return { start: span.start, end: this.tokens[this.at - 1]?.span.end ?? this.end }
  }

  private wrong({ text, span }: Token, wanted: string): void {
    this.complaints.add('syntax', span, `expected ${wanted}, found \`${text.split('\n')[0]}\``)
  }

  private missing({ text, span }: Token, wanted: string): void {
    this.complaints.add('missing', span, `${wanted} must follow \`${text}\``)
  }

  /** As isolationtester: every order that leaves the steps of each session in theirs. */
  private allOrders(sessions: readonly RawStatement[]): RawStatement[] {
    const lists = sessions.map(({ body }) =>
      body.filter(({ word }) => word?.text === 'step').flatMap(({ about }) => about),
    )
    const orders: RawStatement[] = []
    const extend = (order: readonly Text[], left: readonly (readonly Text[])[]): void => {
      if (orders.length > mostOrders) return
      if (left.every(list => list.length === 0)) {
        if (order.length > 0) {
          const parameters = this.labelled(order)
          const word = invented('permutation')
          orders.push({ ...empty, span: nowhere, word, about: order, parameters, section: 'clients' })
        }
        return
      }
      for (const [index, [first, ...rest]] of left.entries()) {
        if (first) extend([...order, first], left.with(index, rest))
      }
    }
    extend([], lists)
    if (orders.length <= mostOrders) return orders
    this.complaints.add(
      'too-large',
      { start: 0, end: Math.min(1, this.end) },
      `the steps have more than ${mostOrders} orders`,
      'name the permutations that are to be played',
    )
    return []
  }
}
