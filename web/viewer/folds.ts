// Which lanes are folded away. Where not all can be seen at once, those on which nothing happens while the run turns are
// left out at first; a click on a header shows them, a second one folds the whole group.

import { type Folding, fits, layRows, type Rows } from './draw/rows.ts'
import type { Model } from './model/model.ts'
import { firstFrom } from './model/search.ts'
import { stateOf, states } from './model/states.ts'

/** A lane that is at work for no more than this part of the time is quiet. */
const little = 0.02

export class Folds {
  private readonly model: Model
  private readonly quiet: ReadonlySet<number>
  private readonly foldings = new Map<string, Folding>()
  /** As long as nobody has clicked: whether all lanes fit decides. */
  private byDefault: Folding = 'none'

  constructor(model: Model) {
    this.model = model
    this.quiet = quietLanes(model)
  }

  lay(room: number): Rows {
    const { lanes } = this.model
    this.byDefault = fits(lanes, room) ? 'none' : 'quiet'
    return layRows(lanes, lane => this.isShown(lane), room)
  }

  /** How many lanes of the group are left out. */
  hidden(group: string): number {
    return this.model.lanes.filter((lane, at) => lane.group === group && lane.kind !== 'node' && !this.isShown(at))
      .length
  }

  /** From some to all to none, and again. */
  turn(group: string): void {
    const now = this.foldingOf(group)
    const hasQuiet = this.model.lanes.some((lane, at) => lane.group === group && this.quiet.has(at))
    const next = now === 'quiet' ? 'none' : now === 'none' ? 'all' : hasQuiet ? 'quiet' : 'none'
    this.foldings.set(group, next)
  }

  private foldingOf(group: string): Folding {
    return this.foldings.get(group) ?? this.byDefault
  }

  private isShown(lane: number): boolean {
    const folding = this.foldingOf(this.model.lanes[lane].group)
    return folding === 'none' || (folding === 'quiet' && !this.quiet.has(lane))
  }
}

function quietLanes({ lanes, focus, marksOfLane, times }: Model): ReadonlySet<number> {
  const [from, to] = focus
  const spent = new Float64Array(states.length)
  const quiet = new Set<number>()
  lanes.forEach(({ kind, segments }, at) => {
    if (kind !== 'process') return
    const marks = marksOfLane[at]
    const first = firstFrom(marks, firstFrom(times, from))
    const last = firstFrom(marks, firstFrom(times, to))
    segments.spent(from, to, spent)
    const rest = spent[stateOf.idle] + spent[stateOf.absent]
    const known = spent.reduce((sum, time) => sum + time, 0)
    if (last === first && known - rest <= little * (to - from)) quiet.add(at)
  })
  return quiet
}
