// Sequences, and what a crash skips of them.

import { expect, test } from 'vitest'
import type { Relation } from '../../../../src/runtime/simulated/access/relation.ts'
import type { SequenceOptions } from '../../../../src/runtime/simulated/access/sequence.ts'
import { descriptorOf, int4, SmallServer } from './small-server.ts'

const options: SequenceOptions = { increment: 1n, minimum: 1n, maximum: 9223372036854775807n, cache: 1n, cycle: false }

function newSequence(): { server: SmallServer; sequence: Relation } {
  const server = new SmallServer()
  const table = server.table('s', descriptorOf(int4))
  const sequence: Relation = { ...table, kind: 'sequence' }
  server.run(session =>
    session.statement('create sequence', () =>
      server.sequences.create(session.tx, sequence, { lastValue: 1n, isCalled: false }),
    ),
  )
  return { server, sequence }
}

function take(server: SmallServer, sequence: Relation, count: number, with_: SequenceOptions = options): bigint[] {
  return server.run(function* (session) {
    const values: bigint[] = []
    for (let i = 0; i < count; i++) {
      const taken = yield* session.statement('nextval', () => server.sequences.nextval(session.tx, sequence, with_))
      values.push(taken.first)
    }
    return values
  })
}

test('a sequence counts, logs 32 values ahead, and skips them in a crash', () => {
  const { server, sequence } = newSequence()
  const from = server.wal.insertLsn
  expect(take(server, sequence, 33)).toEqual(Array.from({ length: 33 }, (_, i) => BigInt(i + 1)))
  const logged = server.recordsSince(from).filter(record => record.resourceManager === 15)
  expect(logged.map(record => record.length)).toEqual([99])
  server.crash()
  expect(take(server, sequence, 1)).toEqual([34n])
})

test('a sequence ends at its limit, or begins anew', () => {
  const { server, sequence } = newSequence()
  expect(take(server, sequence, 3, { ...options, maximum: 3n })).toEqual([1n, 2n, 3n])
  const failing = server.start(session =>
    session.statement('nextval', () => server.sequences.nextval(session.tx, sequence, { ...options, maximum: 3n })),
  )
  server.pass(100)
  expect(failing.error).toMatchObject({
    sqlstate: '2200H',
    message: 'nextval: reached maximum value of sequence "s" (3)',
  })
  expect(take(server, sequence, 2, { ...options, maximum: 3n, cycle: true })).toEqual([1n, 2n])
})
