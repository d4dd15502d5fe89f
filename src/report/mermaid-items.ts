// What a sequence diagram of a run tells: messages between kinds of processes and clients, those that are alike summed
// up until something happens that parts them, and notes for what happens.

import { sentenceOf, type TraceEvent } from '../model/trace.ts'
import type { Lane } from './lanes.ts'
import { type Message, trafficOf } from './messages.ts'
import type { ReportedRun } from './run.ts'
import { failed } from './verdicts.ts'

/** All processes of one type on a node, or all loops of a client. */
export interface Participant {
  /** Missing: a client. */
  readonly node?: string
  readonly name: string
}

export interface Item {
  /** Mermaid's; missing: a note, over everybody if it names nobody. */
  readonly arrow?: string
  readonly from?: Participant
  readonly to?: Participant
  /** When the first happened. */
  readonly time?: number
  readonly text: string
  /** How many are summed up in it. */
  count: number
  /** The number stands before the text, which is its singular: "7,912 commits". */
  readonly counted?: boolean
}

const arrows: { readonly [K in Message['kind']]?: string } = {
  fork: '->>',
  signal: '-)',
  connection: '->>',
  statement: '->>',
  answer: '-->>',
  error: '--x',
  wal: '-)',
}

export function itemsOf(run: ReportedRun): readonly Item[] {
  const { told, messages } = trafficOf(run.events)
  const story = new Story()
  let next = 0
  for (const { event, lane } of told) {
    if (event.kind === 'client.acknowledged') story.commit(event, lane)
    else story.note(event, lane)
    for (; messages[next]?.sequence === event.sequence; next++) story.message(messages[next])
  }
  for (const verdict of run.verdicts.filter(failed)) {
    story.items.push({
      text: `✗ ${verdict.title}: ${verdict.actual}`,
      count: 1,
      ...(verdict.at ? { time: verdict.at } : {}),
    })
  }
  return story.items
}

class Story {
  readonly items: Item[] = []
  /** Since something happened that parts them. */
  private readonly alike = new Map<string, Item>()

  message({ kind, from, to, sentAt, text }: Message): void {
    const arrow = arrows[kind]
    if (arrow === undefined) return
    const what = kind === 'wal' ? 'WAL' : text
    this.add({ arrow, from: participantOf(from), to: participantOf(to), time: sentAt, text: what, count: 1 })
  }

  commit({ time, node }: TraceEvent, lane: Lane | undefined): void {
    if (!lane || node === undefined) return
    const to = { node, name: 'backend' }
    this.add({ arrow: '->>', from: participantOf(lane), to, time, text: 'commit', count: 1, counted: true })
  }

  note(event: TraceEvent, lane: Lane | undefined): void {
    const text = noteOf(event)
    if (text === undefined) return
    const from = lane ? { from: participantOf(lane) } : {}
    if (event.kind !== 'process.exited') this.alike.clear()
    this.add({ ...from, time: event.time, text, count: 1 })
  }

  private add(item: Item): void {
    const names = [item.from, item.to].map(each => `${each?.node} ${each?.name}`)
    const key = `${item.arrow} ${names.join(' ')} ${item.text}`
    const before = this.alike.get(key)
    if (before) before.count += item.count
    else {
      this.alike.set(key, item)
      this.items.push(item)
    }
  }
}

function participantOf({ node, type }: Lane): Participant {
  return node === undefined ? { name: type } : { node, name: type }
}

function noteOf(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'fault.injected':
      return `⚡ ${event.text}`
    case 'order.given':
      return `▸ ${event.text}`
    case 'note.shown':
      return event.text
    case 'node.down':
      return `${event.node} ${sentenceOf(event)}`
    case 'process.exited':
      return event.signal === undefined ? undefined : `terminated by ${event.signal}`
    case 'node.accepting':
    case 'node.refusing':
    case 'recovery.started':
    case 'recovery.redo_done':
    case 'timeline.switched':
    case 'replication.state':
    case 'step.waited':
    case 'commit.lost':
    case 'action.missed':
      return sentenceOf(event)
    default:
      return undefined
  }
}
