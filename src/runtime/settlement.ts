// Settles the ledger of commits: asks the node that takes writes now which of them it has, and tells what is lost, and
// what is there although nobody was told.

import type { Answer } from '../checks/index.ts'
import type { Entry, Ledger } from './clients/ledger.ts'
import type { Engine } from './engine.ts'
import type { Nodes } from './nodes.ts'

export async function settle(ledger: Ledger, nodes: Nodes, engine: Engine): Promise<Answer> {
  // While a server is asked clients may go on: what they are told meanwhile is not part of the question.
  const acknowledged = [...ledger.acknowledged]
  const inDoubt = [...ledger.inDoubt]
  const survived = new Set<Entry>()
  const askedOf = new Map<Entry, string>()
  const later = lastUses(acknowledged)
  for (const [origin, entries] of byNode([...acknowledged, ...inDoubt])) {
    const node = nodes.primaryOf(origin)
    if (node === undefined)
      return { failure: `nobody takes writes in place of ${origin}, so nobody knows what survived` }
    const found = await engine.survived(node, entries)
    if (!found) return { failure: `${node} cannot say which commits it has` }
    entries.forEach((entry, index) => {
      askedOf.set(entry, node)
      if (found[index] && !isReused(entry, later)) survived.add(entry)
    })
  }
  const lost = acknowledged.filter(entry => !survived.has(entry) && ledger.tellOnce(entry))
  tellLost(lost, lastSurvivors(acknowledged, survived), askedOf, engine)
  for (const entry of inDoubt) {
    if (!survived.has(entry) || !ledger.tellOnce(entry)) continue
    const { client, index, xid, node } = entry
    engine.trace.emit('commit.ghost', { node }, { client, index, xid })
  }
  return { value: null }
}

/** The last acknowledged commit with each transaction id: after a crash the ids of what was lost are given out again. */
function lastUses(acknowledged: readonly Entry[]): Map<string, Entry> {
  const uses = new Map<string, Entry>()
  for (const entry of acknowledged) uses.set(`${entry.node} ${entry.xid}`, entry)
  return uses
}

function isReused(entry: Entry, later: ReadonlyMap<string, Entry>): boolean {
  const last = later.get(`${entry.node} ${entry.xid}`)
  return last !== undefined && last !== entry && last.time >= entry.time
}

/** When the last surviving commit of each connection was acknowledged. */
function lastSurvivors(acknowledged: readonly Entry[], survived: ReadonlySet<Entry>): Map<string, number> {
  const last = new Map<string, number>()
  for (const entry of acknowledged) if (survived.has(entry)) last.set(connectionOf(entry), entry.time)
  return last
}

function tellLost(
  lost: readonly Entry[],
  last: ReadonlyMap<string, number>,
  askedOf: ReadonlyMap<Entry, string>,
  engine: Engine,
): void {
  for (const entry of lost) {
    const { client, index, xid, node } = entry
    const asked = askedOf.get(entry)!
    engine.trace.emit(
      'commit.lost',
      { node },
      {
        client,
        index,
        xid,
        ...(entry.lsn === undefined ? {} : { lsn: entry.lsn }),
        acknowledged: entry.time,
        ...(entry.asynchronous === undefined ? {} : { asynchronous: entry.asynchronous }),
        // Commits of later connections survived the fault because they came after it: they make no hole.
        hole: (last.get(connectionOf(entry)) ?? -1) > entry.time,
        ...(asked === node ? {} : { missing_on: asked }),
      },
    )
  }
}

function connectionOf({ client, index, connection }: Entry): string {
  return `${client}[${index}]#${connection}`
}

function byNode(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.node)
    if (group) group.push(entry)
    else groups.set(entry.node, [entry])
  }
  return groups
}
