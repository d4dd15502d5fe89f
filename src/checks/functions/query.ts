// query(node, $$SQL$$): the first column of the first row. No event can tell when it changes, so it is asked when the
// window closes, or every so often if the check says so.

import { broken } from '../expression/context.ts'
import type { FunctionWord } from './function-word.ts'

export const query: FunctionWord = {
  definition: {
    name: 'query',
    summary: 'the first column of the first row that a node answers',
    takes: ['node', 'script'],
    gives: 'any',
  },
  compile(call, { context }) {
    const [{ expression: node }, { expression: sql }] = call.arguments
    if (node.kind !== 'path' || node.segments.length > 1 || context.scope.get(node.segments[0].name) !== 'node') {
      context.complain('wrong-type', node.span, 'query needs a node first', 'query(primary, $$select 1$$)')
      return broken
    }
    if (sql.kind !== 'script') {
      context.complain('wrong-type', sql.span, 'query needs SQL in dollar quotes', 'query(primary, $$select 1$$)')
      return broken
    }
    const cell = { node: node.segments[0].name, sql: sql.text, value: null, failure: undefined as string | undefined }
    context.queries.push(cell)
    return { dimension: 'any', evaluate: () => cell.value, explain: () => cell.failure }
  },
}
