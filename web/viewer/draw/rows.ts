// Which lane stands where: a header for the clients, one a node, and the lanes under them. Folded groups keep their header.

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

export interface Rows {
  readonly rows: readonly Row[]
  readonly height: number
  /** For each lane its row; undefined while it is folded away. */
  readonly ofLane: readonly (Row | undefined)[]
}

const headerHeight = 21
const gap = 4

/** Heights of lanes: as high as there is room for, so that few lanes are easy to read. */
export function layRows(lanes: readonly Lane[], folded: ReadonlySet<string>, room: number): Rows {
  const groups = new Set(lanes.map(({ group }) => group))
  const shown = lanes.filter(({ kind, group }) => kind !== 'node' && !folded.has(group)).length
  const fixed = groups.size * (headerHeight + gap)
  const height = Math.max(15, Math.min(30, Math.floor((room - fixed) / Math.max(1, shown))))
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
    else if (!folded.has(group)) add({ lane, group, isHeader: false, height })
  })
  return { rows, height: top, ofLane }
}
