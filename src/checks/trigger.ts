// The condition of a `when`: it fires once, at the first instant of the run at which its expression is true.

import type { Expression, Scenario } from '../model/scenario.ts'
import type { TraceEvent } from '../model/trace.ts'
import { ObservedExpression } from './expression/observed.ts'
import type { Moments, Needs, Trigger } from './monitor.ts'

export function compileTrigger(expression: Expression, scenario: Scenario): Trigger {
  return new Condition(expression, scenario)
}

class Condition implements Trigger {
  readonly needs: Needs
  fired = false
  cause: number | undefined
  private readonly expression: ObservedExpression

  constructor(expression: Expression, scenario: Scenario) {
    this.expression = new ObservedExpression(expression, scenario)
    this.needs = { kinds: this.expression.kinds, queries: [], ledger: false }
  }

  start(_moments: Moments): void {
    this.fired = this.expression.evaluate(0) === true
  }

  feed(event: TraceEvent): void {
    if (this.fired || !this.needs.kinds.has(event.kind)) return
    if (!this.expression.feed(event, true) || this.expression.evaluate(event.time) !== true) return
    this.fired = true
    this.cause = event.sequence
  }
}
