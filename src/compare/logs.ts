// The logs of both servers side by side: node by node, from one fault or order to the next.

import { millisecond } from '../model/units.ts'
import type { Cell, LogPhase, LogRow } from './comparison.ts'
import type { Entry } from './entry.ts'
import { brokenOrders } from './orders.ts'
import { onBothSides, type Pair, pairUp, tolerateLeftOver } from './pairs.ts'
import type { Phase } from './phases.ts'
import type { Rulebook } from './rule.ts'

/** A server's log is read as it grows, a moment after the line was written. */
const late = 250 * millisecond

export const lateRule = {
  name: 'told-beside-a-fault',
  because: 'a line that is written at about the time of a fault may be read before it or after it',
}

/** Entries are log lines of both runs. */
export function compareLogs(
  simulated: readonly Entry[],
  real: readonly Entry[],
  phases: readonly Phase[],
  rulebook: Rulebook,
): readonly LogPhase[] {
  const nodes = [...new Set([...simulated, ...real].map(({ place }) => place))]
  return nodes.flatMap(node => {
    const isOf = (entry: Entry) => entry.place === node
    return compareNode(node, simulated.filter(isOf), real.filter(isOf), phases, rulebook)
  })
}

function compareNode(
  node: string,
  simulated: readonly Entry[],
  real: readonly Entry[],
  phases: readonly Phase[],
  rulebook: Rulebook,
): readonly LogPhase[] {
  const parts = phases.map((phase, at) => {
    const next = phases[at + 1]
    const isIn = (from: number, to: number | undefined) => (entry: Entry) =>
      entry.sequence >= from && (to === undefined || entry.sequence < to)
    return {
      phase,
      simulated: simulated.filter(isIn(phase.simulated, next?.simulated)),
      real: real.filter(isIn(phase.real, next?.real)),
    }
  })
  const pairs = parts.map(part => pairUp(part.simulated, part.real, rulebook))
  for (let at = 1; at < phases.length; at++) joinAcross(pairs[at - 1], pairs[at], phases[at].time, rulebook)
  const isOnBoth = onBothSides(simulated, real, rulebook)
  return parts
    .map((part, at) => ({
      node,
      after: part.phase.after,
      rows: inOrder(tolerateLeftOver(pairs[at], isOnBoth, rulebook)).map(rowOf),
      orders: brokenOrders(part.simulated, part.real, rulebook),
    }))
    .filter(({ rows }) => rows.length > 0)
}

/** Pairs what is left over on one side of a fault with what is left over on its other side, if that was near. */
function joinAcross(before: Pair[], after: Pair[], time: number, rulebook: Rulebook): void {
  for (const [here, there] of [
    [before, after],
    [after, before],
  ]) {
    for (const [at, pair] of here.entries()) {
      if (pair.mark !== 'only simulated') continue
      const key = rulebook.keyOf(pair.simulated!)
      const other = there.findIndex(
        ({ mark, real }) =>
          mark === 'only real' && rulebook.keyOf(real!) === key && Math.abs(real!.time - time) <= late,
      )
      if (other === -1) continue
      here[at] = { mark: 'moved', simulated: pair.simulated, real: there[other].real, tolerated: lateRule.name }
      there.splice(other, 1)
    }
  }
}

/** As the simulation has them; what only the real server says stands after what it said before. */
function inOrder(pairs: readonly Pair[]): readonly Pair[] {
  const rows = pairs
    .filter(({ simulated }) => simulated !== undefined)
    .sort((one, other) => one.simulated!.sequence - other.simulated!.sequence)
  const extra = pairs
    .filter(({ simulated }) => simulated === undefined)
    .sort((one, other) => one.real!.sequence - other.real!.sequence)
  for (const pair of extra) {
    let place = 0
    let nearest = -1
    rows.forEach(({ real, mark }, at) => {
      if (real === undefined || mark === 'moved') return
      if (real.sequence > pair.real!.sequence || real.sequence < nearest) return
      nearest = real.sequence
      place = at + 1
    })
    rows.splice(place, 0, pair)
  }
  return rows
}

function rowOf({ simulated, real, ...rest }: Pair): LogRow {
  const { shape } = (simulated ?? real)!
  return {
    ...rest,
    shape,
    ...(simulated ? { simulated: cellOf(simulated) } : {}),
    ...(real ? { real: cellOf(real) } : {}),
  }
}

function cellOf({ time, process, text }: Entry): Cell {
  return { time, process, text }
}
