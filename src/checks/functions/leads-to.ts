// leads_to(set, set, D): each element of the first is followed by one of the second within D. One whose time has not
// run out when the window closes is not broken: nobody can know. Keeps the open obligations, oldest first.

import { formatCount, formatMoment } from '../../model/format.ts'
import { broken } from '../expression/context.ts'
import { eventSetOf, type FunctionWord } from './function-word.ts'

export const leadsTo: FunctionWord = {
  definition: {
    name: 'leads_to',
    summary: 'whether each element of the first set is followed by one of the second within the duration',
    takes: ['set', 'set', 'duration'],
    gives: 'boolean',
  },
  compile(call, compiler) {
    const { context } = compiler
    const causes = eventSetOf(call, 0, compiler)
    const effects = eventSetOf(call, 1, compiler)
    const limit = compiler.expression(call.arguments[2].expression)
    if (limit.dimension !== 'duration' && limit.dimension !== 'any') {
      context.complain('wrong-unit', call.arguments[2].expression.span, 'leads_to needs a duration', '500ms')
    }
    if (causes === undefined || effects === undefined) return broken
    const within = Number(limit.evaluate() ?? 0)
    const obligations = new Obligations(within)
    context.observers.push({
      kinds: [...new Set([...causes.kinds, ...effects.kinds])],
      windowed: true,
      evidence: obligations.broken,
      feed(event) {
        obligations.expire(event.time)
        if (effects.contains(event)) obligations.answer()
        if (causes.contains(event)) obligations.open(event.time, event.sequence)
        return true
      },
    })
    return {
      dimension: 'boolean',
      evaluate() {
        obligations.expire(context.now)
        return obligations.count === 0 ? null : obligations.brokenCount === 0
      },
      explain() {
        const { count, brokenCount, firstBroken } = obligations
        if (count === 0) return `there was no ${causes.text}`
        if (brokenCount === 0) return `all ${formatCount(count)}`
        return `${formatCount(brokenCount)} of ${formatCount(count)} were not, the first at ${formatMoment(firstBroken)}`
      },
    }
  },
}

class Obligations {
  count = 0
  brokenCount = 0
  firstBroken = 0
  /** Sequence numbers of the first elements that nothing followed. */
  readonly broken: number[] = []
  private readonly within: number
  private waiting: { time: number; sequence: number }[] = []
  /** Where the waiting ones begin: those before have expired. */
  private head = 0

  constructor(within: number) {
    this.within = within
  }

  open(time: number, sequence: number): void {
    this.count++
    this.waiting.push({ time, sequence })
  }

  answer(): void {
    this.waiting = []
    this.head = 0
  }

  expire(now: number): void {
    for (; this.head < this.waiting.length && this.waiting[this.head].time + this.within < now; this.head++) {
      const { time, sequence } = this.waiting[this.head]
      if (this.brokenCount++ === 0) this.firstBroken = time
      if (this.broken.length < 8) this.broken.push(sequence)
    }
  }
}
