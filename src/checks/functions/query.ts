// query(node, $$SQL$$): the first column of the first row. No event can tell when it changes, so it is asked when the
// window closes, or every so often if the check says so.

import { broken, type QueryCell } from '../expression/context.ts'
import type { FunctionWord } from './function-word.ts'

export const query: FunctionWord = {
  definition: {
    name: 'query',
    summary: 'the first column of the first row that a node answers, in the database that is named or else in postgres',
    takes: ['node', 'script', 'text'],
    optionalFrom: 2,
    gives: 'any',
  },
  compile(call, { context }) {
    const [{ expression: node }, { expression: sql }, third] = call.arguments
    if (node.kind !== 'path' || node.segments.length > 1 || context.scope.get(node.segments[0].name) !== 'node') {
      context.complain('wrong-type', node.span, 'query needs a node first', 'query(primary, $$select 1$$)')
      return broken
    }
    if (sql.kind !== 'script') {
      context.complain('wrong-type', sql.span, 'query needs SQL in dollar quotes', 'query(primary, $$select 1$$)')
      return broken
    }
    const database = third?.expression
    if (database && (database.kind !== 'literal' || database.dimension !== 'text')) {
      const help = "query(primary, $$select 1$$, 'shop')"
      context.complain('wrong-type', database.span, 'query needs the name of the database in quotes', help)
      return broken
    }
    const cell: QueryCell = {
      query: { node: node.segments[0].name, sql: sql.text, ...(database ? { database: database.value } : {}) },
      value: null,
      failure: undefined,
    }
    context.queries.push(cell)
    return { dimension: 'any', evaluate: () => cell.value, explain: () => cell.failure }
  },
}
