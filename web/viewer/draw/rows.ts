// Which lane stands where: a header for the clients, one a node, and the lanes under them. A folded
// group keeps its header; one that is half folded leaves out lanes on which nothing happens.

import type { Lane } from '../model/lanes.ts'

export interface Row {
  /** The place of the lane; undefined for the clients' header. */
  readonly lane?: number
  readonly group: string
  readonly isHeader: boolean
  /** From the top of all rows. */
  readonly top: number
  readonly height: number
}

/** How much of a group is left out: the quiet lanes, everything, nothing. */
export type Folding = 'quiet' | 'all' | 'none'

export interface Rows {
  readonly rows: readonly Row[]
  readonly height: number
  /** For each lane its row; undefined while it is folded away. */
  readonly ofLane: readonly (Row | undefined)[]
}

const headerHeight = 21
const gap = 4
const lowest = 15
const highest = 30

/** Whether all lanes can be seen at once. */
export function fits(lanes: readonly Lane[], room: number): boolean {
  return lanes.filter(({ kind }) => kind !== 'node').length * lowest + fixedHeight(lanes) <= room
}

function fixedHeight(lanes: readonly Lane[]): number {
  return new Set(lanes.map(({ group }) => group)).size * (headerHeight + gap)
}

/** Rows are as high as there is room for, so that few lanes are easy to read. `isShown`: of each lane by its place. */
export function layRows(lanes: readonly Lane[], isShown: (lane: number) => boolean, room: number): Rows {
  const shown = lanes.filter(({ kind }, at) => kind !== 'node' && isShown(at)).length
  const free = room - fixedHeight(lanes)
  const height = Math.max(lowest, Math.min(highest, Math.floor(free / Math.max(1, shown))))
  const rows: Row[] = []
  const ofLane: (Row | undefined)[] = lanes.map(() => undefined)
  let top = 0
  const add = (row: Omit<Row, 'top'>) => {
    const placed = { ...row, top }
    rows.push(placed)
    if (row.lane !== undefined) ofLane[row.lane] = placed
    top += row.height
  }
  let before: string | undefined
  lanes.forEach(({ group, kind }, lane) => {
    if (group !== before) {
      if (before !== undefined) top += gap
      if (kind === 'client') add({ group, isHeader: true, height: headerHeight })
      before = group
    }
    if (kind === 'node') add({ lane, group, isHeader: true, height: headerHeight })
    else if (isShown(lane)) add({ lane, group, isHeader: false, height })
  })
  return { rows, height: top, ofLane }
}
