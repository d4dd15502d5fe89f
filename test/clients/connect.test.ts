// Which of two servers a connection string leads to, by target_session_attrs: what libpq 15 gave for each, with a primary,
// a standby, a primary with default_transaction_read_only = on, and a server that is down.

import { expect, test } from 'vitest'
import { connect, targetSessionAttrs } from '../../src/runtime/clients/connect.ts'
import type { Connection } from '../../src/runtime/engine.ts'

const kinds = {
  primary: { inHotStandby: false, defaultTransactionReadOnly: false },
  standby: { inHotStandby: true, defaultTransactionReadOnly: false },
  'read-only primary': { inHotStandby: false, defaultTransactionReadOnly: true },
} as const

type Kind = keyof typeof kinds | 'down'

/** The server that is taken, or what libpq says of each, without the place. */
function taken(hosts: readonly Kind[], target: (typeof targetSessionAttrs)[number]): string {
  const keepalive = { idle: 0, interval: 0, count: 0 }
  const asking = connect(
    { from: 'client', tracksCommits: false },
    { hosts, database: 'postgres', applicationName: '', targetSessionAttrs: target, keepalive },
  )
  let step = asking.next()
  while (!step.done) {
    const request = step.value
    step = asking.next(request.kind === 'connect' ? answer(request.node as Kind) : undefined)
  }
  if ('connection' in step.value) return step.value.connection.node
  return step.value.failure.message.replaceAll(/connection to server at "[^"]+" failed: /g, '')
}

function answer(node: Kind) {
  if (node === 'down') return { failure: { level: 'ERROR', message: 'Connection refused' } }
  const connection: Connection = { node, backend: 1, ...kinds[node] }
  return { connection }
}

const readOnly = 'session is read-only'
const noStandby = 'server is not in hot standby mode'

test.each<[Kind, Kind, readonly string[]]>([
  ['primary', 'standby', ['primary', 'primary', 'standby', 'primary', 'standby', 'standby']],
  ['standby', 'primary', ['standby', 'primary', 'standby', 'primary', 'standby', 'standby']],
  [
    'read-only primary',
    'standby',
    [
      'read-only primary',
      `${readOnly}\n${readOnly}`,
      'read-only primary',
      'read-only primary',
      ...['standby', 'standby'],
    ],
  ],
  [
    'standby',
    'read-only primary',
    ['standby', `${readOnly}\n${readOnly}`, 'standby', 'read-only primary', 'standby', 'standby'],
  ],
  [
    'down',
    'read-only primary',
    [
      'read-only primary',
      `Connection refused\n${readOnly}`,
      ...['read-only primary', 'read-only primary'],
      `Connection refused\n${noStandby}`,
      'read-only primary',
    ],
  ],
])('%s, %s', (first, second, expected) => {
  expect(targetSessionAttrs.map(target => taken([first, second], target))).toEqual(expected)
})
