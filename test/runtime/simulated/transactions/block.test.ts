// Transaction blocks: what each statement makes of them, with PostgreSQL's warnings and errors.

import { describe, expect, test } from 'vitest'
import type { TransactionState } from '../../../../src/runtime/simulated/transactions/transaction-state.ts'
import { type Session, SmallServer } from '../access/small-server.ts'

/** Runs statements by their words; gives the status after each, and what was warned of or failed. */
function play(...statements: readonly string[]): string[] {
  const server = new SmallServer()
  return server.run(function* (session: Session) {
    const { tx } = session
    const said: string[] = []
    for (const statement of statements) {
      const notes: string[] = []
      try {
        yield* session.statement(statement, function* () {
          ask(tx, statement, (level, sqlstate, message) => notes.push(`${level} ${sqlstate} ${message}`))
        })
      } catch (error) {
        const { sqlstate, message } = error as { sqlstate: string; message: string }
        notes.push(`ERROR ${sqlstate} ${message}`)
      }
      said.push([tx.status, ...notes].join(': '))
    }
    return said
  })
}

function ask(
  tx: TransactionState,
  statement: string,
  warn: (level: string, sqlstate: string, message: string) => void,
): void {
  const [verb, name] = statement.split(' ')
  if (verb === 'begin') tx.begin({}, warn)
  else if (verb === 'commit') tx.commit(name === 'chain', warn)
  else if (verb === 'rollback') tx.rollback(name === 'chain', warn)
  else if (verb === 'savepoint') tx.savepoint(name)
  else if (verb === 'release') tx.release(name)
  else if (verb === 'rollback-to') tx.rollbackTo(name)
  else if (verb === 'vacuum') tx.preventInBlock('VACUUM')
  else if (verb === 'fail') throw Object.assign(new Error('failed'), { sqlstate: 'XX000' })
}

describe('a block', () => {
  test('begins and ends', () => {
    expect(play('begin', 'look', 'commit', 'look')).toEqual(['T', 'T', 'I', 'I'])
  })

  test('warns of what makes no sense', () => {
    expect(play('begin', 'begin', 'rollback', 'rollback', 'commit')).toEqual([
      'T',
      'T: WARNING 25001 there is already a transaction in progress',
      'I',
      'I: WARNING 25P01 there is no transaction in progress',
      'I: WARNING 25P01 there is no transaction in progress',
    ])
  })

  test('that failed stays until its end', () => {
    expect(play('begin', 'fail', 'commit', 'look')).toEqual(['T', 'E: ERROR XX000 failed', 'I', 'I'])
    expect(play('fail', 'look')).toEqual(['I: ERROR XX000 failed', 'I'])
  })

  test('is followed by another if it is chained', () => {
    expect(play('begin', 'commit chain', 'rollback chain', 'commit')).toEqual(['T', 'T', 'T', 'I'])
    expect(play('commit chain')).toEqual(['I: ERROR 25P01 COMMIT AND CHAIN can only be used in transaction blocks'])
  })

  test('keeps out what cannot be undone', () => {
    expect(play('vacuum', 'begin', 'vacuum')).toEqual([
      'I',
      'T',
      'E: ERROR 25001 VACUUM cannot run inside a transaction block',
    ])
  })
})

describe('savepoints', () => {
  test('belong in blocks', () => {
    expect(play('savepoint a')).toEqual(['I: ERROR 25P01 SAVEPOINT can only be used in transaction blocks'])
    expect(play('begin', 'release a', 'rollback')).toEqual(['T', 'E: ERROR 3B001 savepoint "a" does not exist', 'I'])
  })

  test('bring a failed block back', () => {
    expect(play('begin', 'savepoint a', 'fail', 'rollback-to a', 'look', 'commit')).toEqual([
      'T',
      'T',
      'E: ERROR XX000 failed',
      'T',
      'T',
      'I',
    ])
  })

  test('nest: the newest of a name counts, and what came after one goes with it', () => {
    const statements = ['begin', 'savepoint a', 'savepoint b', 'savepoint a', 'release a', 'rollback-to a', 'release b']
    expect(play(...statements)).toEqual(['T', 'T', 'T', 'T', 'T', 'T', 'E: ERROR 3B001 savepoint "b" does not exist'])
    expect(play('begin', 'savepoint a', 'savepoint b', 'fail', 'commit')).toEqual([
      'T',
      'T',
      'T',
      'E: ERROR XX000 failed',
      'I',
    ])
  })
})
