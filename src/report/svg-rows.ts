// The rows of the space-time chart: clients, then node by node its processes. One that follows another of its kind, or
// serves the same client, takes the same row.

import type { Lane } from './lanes.ts'

export interface Row {
  /** Missing: clients. */
  readonly node?: string
  readonly name: string
  readonly lanes: readonly Lane[]
}

/** Of backends and of clients no more are drawn. */
const mostAlike = 10

export function rowsOf(lanes: readonly Lane[]): { readonly rows: readonly Row[]; readonly leftOut: number } {
  const rows: { readonly node?: string; readonly name: string; readonly sort: string; readonly lanes: Lane[] }[] = []
  for (const lane of lanes) {
    const name = nameOf(lane)
    const free = rows.find(
      row =>
        row.node === lane.node &&
        row.name === name &&
        (row.lanes.at(-1)!.endedAt ?? Number.MAX_VALUE) <= lane.startedAt,
    )
    if (free) free.lanes.push(lane)
    else {
      const sort = lane.node === undefined ? 'client' : `${lane.node} ${lane.type}`
      rows.push({ ...(lane.node === undefined ? {} : { node: lane.node }), name, sort, lanes: [lane] })
    }
  }
  const nodes = [undefined, ...new Set(lanes.flatMap(({ node }) => node ?? []))]
  const counts = new Map<string, number>()
  const kept = nodes
    .flatMap(node => rows.filter(row => row.node === node))
    .filter(({ sort }) => {
      const count = (counts.get(sort) ?? 0) + 1
      counts.set(sort, count)
      return count <= mostAlike
    })
  return { rows: kept, leftOut: rows.length - kept.length }
}

function nameOf({ node, type, name, client }: Lane): string {
  if (node === undefined) return name
  return client !== undefined && type === 'backend' ? `backend of ${client}` : type
}
