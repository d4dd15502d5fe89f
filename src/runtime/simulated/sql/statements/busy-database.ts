// Who else is in a database that is to be copied, dropped or renamed. Mirrors CountOtherDBBackends and
// TerminateOtherDBBackends of procarray.c.

import { millisecond } from '../../../../model/units.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { Proc } from '../../shared/proc.ts'
import type { Session } from '../session.ts'

/** They may be on their way out: so often one looks, */
const tries = 50
/** and rests in between. */
const rest = 100 * millisecond

function othersIn({ server, proc }: Session, database: number): Proc[] {
  return server.procArray.procs.filter(each => each !== proc && each.databaseId === database)
}

/** Fails if others stay in it; autovacuum workers are told to go. `whose`: `database "x"`. */
export function* requireUnused(session: Session, database: number, whose: string): Coroutine {
  const { me } = session
  for (let tried = 0; tried < tries; tried++) {
    const others = othersIn(session, database)
    if (others.length === 0) return
    for (const { isAutovacuum, process } of others) if (isAutovacuum) process.signal('TERM', me.cause)
    yield* me.sleep(rest, '')
    yield* me.pause()
  }
  const others = othersIn(session, database)
  const sessions = others.filter(({ pid }) => pid !== 0).length
  fail('55006', `${whose} is being accessed by other users`, { detail: inUse(sessions, others.length - sessions) })
}

function inUse(sessions: number, prepared: number): string {
  if (sessions > 0 && prepared > 0) {
    return `There are ${sessions} other session(s) and ${prepared} prepared transaction(s) using the database.`
  }
  return sessions > 0
    ? `${thereAre(sessions, 'other session')} using the database.`
    : `${thereAre(prepared, 'prepared transaction')} using the database.`
}

export function thereAre(count: number, noun: string): string {
  return count === 1 ? `There is 1 ${noun}` : `There are ${count} ${noun}s`
}

/** WITH (FORCE): all who are in it are told to go. `name`: of the database. */
export function terminateOthers(session: Session, database: number, name: string): void {
  const others = othersIn(session, database)
  const prepared = others.filter(({ pid }) => pid === 0).length
  if (prepared > 0) {
    fail('55006', `database "${name}" is being used by prepared transactions`, {
      detail: `${thereAre(prepared, 'prepared transaction')} using the database.`,
    })
  }
  for (const { process } of others) process.signal('TERM', session.me.cause)
}
