// What can be known of faults before a run to be impossible: volumes that have no size to be filled, and qualities that
// what is degraded does not have.

import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Scenario, Statement } from '../../model/scenario.ts'
import { parameter, setting, textOf } from '../statement.ts'

export function diagnoseFaults(scenario: Scenario): Diagnostic[] {
  return actionsOf(scenario.timeline).flatMap(statement => {
    if (statement.word === 'fill') return fillable(statement, scenario)
    return statement.word === 'degrade' ? degradable(statement, scenario) : []
  })
}

/** Those that stand in a block as well. */
function actionsOf(statements: readonly Statement[]): readonly Statement[] {
  return statements.flatMap(statement => [statement, ...actionsOf(statement.body)])
}

function fillable(statement: Statement, { cluster }: Scenario): Diagnostic[] {
  const volume = textOf(statement.about[0])
  const node = textOf(parameter(statement, 'of'))
  const hasSize = cluster.some(
    each =>
      each.word === 'volume' &&
      textOf(each.about[0]) === volume &&
      textOf(parameter(each, 'of')) === node &&
      setting(each, 'size') !== undefined,
  )
  if (hasSize) return []
  return [
    {
      code: 'missing',
      span: statement.about[0].span,
      message: `the volume ${volume} of ${node} has no size, so it can't be filled`,
      help: `declare it: \`volume ${volume} of ${node} { size = 1GB }\``,
    },
  ]
}

const qualities = {
  volume: ['bandwidth', 'fsync'],
  host: ['cpus', 'memory'],
  link: ['latency', 'loss', 'bandwidth'],
} as const

function degradable(statement: Statement, { cluster }: Scenario): Diagnostic[] {
  const about = statement.about[0]
  const isHost = cluster.some(({ word, about: [name] }) => word === 'host' && textOf(name) === textOf(about))
  const kind = about.type === 'keyword' ? 'volume' : isHost ? 'host' : 'link'
  const given = statement.settings.filter(({ name }) => name !== 'optional')
  const has: readonly string[] = qualities[kind]
  const help = `a ${kind} has ${has.join(', ')}`
  if (given.length === 0) {
    return [{ code: 'missing', span: about.span, message: 'nothing says what gets worse', help }]
  }
  const memory = statement.settings.find(({ name }) => name === 'memory')
  if (memory && isHost && !hasMemory(textOf(about)!, cluster)) {
    return [
      {
        code: 'missing',
        span: memory.nameSpan,
        message: `the memory of ${textOf(about)} has no size, so it can't get less`,
        help: `declare it: \`host ${textOf(about)} { memory = 4GB }\``,
      },
    ]
  }
  return given
    .filter(({ name }) => !has.includes(name))
    .map(({ name, nameSpan }) => ({
      code: 'unknown-setting',
      span: nameSpan,
      message: `a ${kind} has no \`${name}\``,
      help,
    }))
}

function hasMemory(host: string, cluster: Scenario['cluster']): boolean {
  return cluster.some(
    each => each.word === 'host' && textOf(each.about[0]) === host && setting(each, 'memory') !== undefined,
  )
}
