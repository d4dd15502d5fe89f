// A story told by hand: two sessions update two rows in opposite order.

import type { ReportedRun } from '../../src/report/run.ts'
import { killBackendRun, scenario } from './kill-backend.ts'
import { Story } from './story.ts'

export function crossed(): Story {
  const story = new Story()
  const step = (session: string, name: string, sql: string) => ({ session, step: name, sql })
  const done = (session: string, name: string, took: number, rows = 1) => ({ session, step: name, took, rows })
  story.log(0, 'primary postmaster 100', 'LOG', 'database system is ready to accept connections')
  story.tell(
    0.1,
    'primary',
    'step.started',
    step('anna', 'a1', 'begin; update account set balance = balance - 10 where id = 1;'),
  )
  story.tell(0.1003, 'primary', 'step.finished', done('anna', 'a1', 300_000))
  story.tell(
    0.2,
    'primary',
    'step.started',
    step('bert', 'b1', 'begin; update account set balance = balance - 10 where id = 2;'),
  )
  story.tell(0.2003, 'primary', 'step.finished', done('bert', 'b1', 300_000))
  story.tell(
    0.3,
    'primary',
    'step.started',
    step('anna', 'a2', 'update account set balance = balance + 10 where id = 2;'),
  )
  story.tell(0.31, 'primary', 'step.waited', { session: 'anna', step: 'a2', blocker: 'bert' })
  story.tell(0.4, 'primary', 'step.started', step('carla', 'look', 'select sum(balance) from account;'))
  story.tell(0.4002, 'primary', 'step.finished', { ...done('carla', 'look', 200_000), value: '200' })
  story.tell(
    0.5,
    'primary',
    'step.started',
    step('bert', 'b2', 'update account set balance = balance + 10 where id = 1;'),
  )
  story.tell(0.51, 'primary', 'step.waited', { session: 'bert', step: 'b2', blocker: 'anna' })
  story.log(1.3001, 'primary client backend 110', 'ERROR', 'deadlock detected', {
    sqlstate: '40P01',
    detail:
      'Process 110 waits for ShareLock on transaction 742; blocked by process 111.\nProcess 111 waits for ShareLock on transaction 741; blocked by process 110.',
    hint: 'See server log for query details.',
    context: 'while updating tuple (0,2) in relation "account"',
    statement: 'update account set balance = balance + 10 where id = 2;',
  })
  story.tell(1.3002, 'primary', 'step.finished', {
    ...done('anna', 'a2', 1_000_200_000, 0),
    sqlstate: '40P01',
    message: 'deadlock detected',
  })
  story.tell(1.3003, 'primary', 'step.finished', done('bert', 'b2', 800_300_000))
  return story
}

export function crossedRun(): ReportedRun {
  const source = { name: 'deadlock.drill', text: 'expect "the circle is found"' }
  const story = crossed()
  return {
    ...killBackendRun(),
    scenario: { ...scenario, source, title: 'Two rows, two orders, one deadlock' },
    permutation: 'a1, b1, a2, look, b2 (crossed)',
    events: story.events,
    verdicts: [
      {
        title: 'the circle is found after deadlock_timeout',
        span: { start: 0, end: 6 },
        outcome: 'held',
        expected: 'a2.took >= 1s',
        actual: '1 s',
        at: 1.3003e9,
        evidence: [12],
      },
    ],
    endedAt: 1.3003e9,
    eventCount: 14,
  }
}
