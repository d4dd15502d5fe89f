// Whether the expressions of a scenario make sense before anything is played: units and types fit, what they speak of
// can be observed, and a query stands where it can be asked.

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Expression, Scenario, Statement } from '../model/scenario.ts'
import type { EventKind } from '../model/trace.ts'
import { compileExpression } from './expression/compile.ts'
import { Context } from './expression/context.ts'
import { requireTruth } from './expression/operators.ts'
import { scopeOf } from './scope.ts'

/**
 * Complaints in the order of the text; none if the scenario can be played. `told` holds the kinds of events that the
 * engine tells: a check of anything else would be blind, and is refused by name. Left out, every kind counts as told.
 */
export function typeCheck(scenario: Scenario, told?: ReadonlySet<EventKind>): readonly Diagnostic[] {
  const scope = scopeOf(scenario)
  const begin = () => new Context(scenario.source, scope, told)
  const diagnostics: Diagnostic[] = []
  const visit = (statement: Statement) => {
    if (statement.when) diagnostics.push(...checkTrigger(statement.when, begin()))
    if (statement.that) diagnostics.push(...checkFormula(statement, begin()))
    statement.body.forEach(visit)
  }
  for (const section of [scenario.cluster, scenario.clients, scenario.timeline, scenario.checks]) section.forEach(visit)
  return diagnostics.sort((a, b) => a.span.start - b.span.start)
}

function compileCondition(expression: Expression, context: Context): void {
  requireTruth(expression, compileExpression(expression, context), context)
}

function checkTrigger(expression: Expression, context: Context): readonly Diagnostic[] {
  compileCondition(expression, context)
  if (context.queries.length > 0) {
    context.complain('misplaced', expression.span, 'query cannot stand in when: no event tells when it changes')
  }
  if (context.ledger) {
    const message = 'what is lost is known only when commits are counted, and cannot trigger anything'
    context.complain('misplaced', expression.span, message)
  }
  return context.diagnostics
}

function checkFormula(statement: Statement, context: Context): readonly Diagnostic[] {
  const formula = statement.that!
  compileCondition(formula.expression, context)
  const [every] = statement.parameters.every ?? []
  const asks = context.queries.length > 0
  if (every !== undefined && !(asks && formula.quantifier)) {
    const message = 'every says how often a query is asked, and there is none to ask again'
    context.complain('misplaced', every.span, message, 'leave it out')
  }
  if (every !== undefined && 'number' in every && every.number <= 0) {
    context.complain('out-of-range', every.span, 'every needs a duration above zero')
  }
  if (asks && formula.quantifier !== undefined && every === undefined) {
    const message = `${formula.quantifier} needs to know how often the query is to be asked`
    context.complain('missing', formula.span, message, 'every 1s')
  }
  return context.diagnostics
}
