// A story told by hand, with PostgreSQL's words: a backend is killed, every session goes down, recovery, back again.

import type { Scenario } from '../../src/model/scenario.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import type { ReportedRun } from '../../src/report/run.ts'
import { Story } from './story.ts'

const source = {
  name: 'kill-backend.drill',
  text: `drill "A killed backend takes every session down"
postgres 17
seed 42

node primary
client teller times 8 on primary $$ update account set balance = balance - 1 $$

at 5s kill backend of teller[0] with KILL as crash

expect "the other seven are told" within 100ms of crash
  that count(teller.errors where message ~ 'crash of another server process') = 7
expect "it serves again" within 50ms of crash that eventually primary.accepting
forbid lost_commits
`,
}

function span(text: string): { start: number; end: number } {
  const start = source.text.indexOf(text)
  return { start, end: start + text.length }
}

export const scenario: Scenario = {
  source,
  title: 'A killed backend takes every session down',
  teaches: [],
  postgres: 17,
  seed: 42,
  variant: {},
  cluster: [],
  clients: [],
  timeline: [],
  checks: [],
}

const crashOfAnother = {
  level: 'WARNING',
  sqlstate: '57P02',
  message: 'terminating connection because of crash of another server process',
  detail:
    'The postmaster has commanded this server process to roll back the current transaction and exit, because another server process exited abnormally and possibly corrupted shared memory.',
  hint: 'In a moment you should be able to reconnect to the database and repeat your command.',
}

const auxiliaries = [
  ['checkpointer', 102],
  ['background writer', 103],
  ['startup', 104],
  ['walwriter', 105],
  ['autovacuum launcher', 106],
  ['logical replication launcher', 107],
] as const

export function killBackend(): Story {
  const story = new Story()
  const postmaster = 'primary postmaster 100'
  story.tell(0, postmaster, 'node.starting', { version: '17' })
  story.log(0, postmaster, 'LOG', 'starting PostgreSQL 17.10')
  story.log(0.000031, postmaster, 'LOG', 'listening on IPv4 address "0.0.0.0", port 5432')
  auxiliaries.slice(0, 3).forEach(([type, pid], at) => {
    story.tell(0.000412 + at * 0.0003, `primary ${type} ${pid}`, 'process.started', { type, parent: 100 })
  })
  story.log(0.004, 'primary startup 104', 'LOG', 'database system was shut down at 2026-01-01 00:00:00 UTC')
  story.tell(0.0143, 'primary startup 104', 'process.exited', { type: 'startup', code: 0 })
  auxiliaries.slice(3).forEach(([type, pid], at) => {
    story.tell(0.0144 + at * 0.0002, `primary ${type} ${pid}`, 'process.started', { type, parent: 100 })
  })
  story.log(0.015207, postmaster, 'LOG', 'database system is ready to accept connections')
  story.tell(0.015207, postmaster, 'node.accepting', { writable: true })
  for (let index = 0; index < 8; index++) {
    const backend = 110 + index
    story.tell(0.021 + index * 0.0004, `primary client backend ${backend}`, 'process.started', {
      type: 'client backend',
      parent: 100,
    })
    story.tell(0.0212 + index * 0.0004, 'primary', 'client.connected', {
      client: 'teller',
      index,
      backend,
      again: false,
    })
  }
  for (let at = 0; at < 7912; at++) {
    story.tell(0.03 + (at * 4.96) / 7912, 'primary', 'client.acknowledged', {
      client: 'teller',
      index: at % 8,
      xid: 730 + at,
      latency: 600_000,
    })
  }
  story.tell(4.99, '', 'note.shown', { text: 'Watch what the postmaster does to the other seven.' })
  tellCrash(story)
  return story
}

function tellCrash(story: Story): void {
  const postmaster = 'primary postmaster 100'
  const fault = story.tell(5, 'primary', 'fault.injected', {
    text: 'kill -9 backend 110 of teller[0]',
    hits: 1,
    label: 'crash',
  })
  story.tell(5, '', 'label.reached', { label: 'crash', done: false }, fault)
  story.tell(
    5.000004,
    'primary client backend 110',
    'process.exited',
    { type: 'client backend', signal: 'SIGKILL' },
    fault,
  )
  story.tell(5.000006, 'primary', 'client.error', {
    client: 'teller',
    index: 0,
    level: 'FATAL',
    message: 'server closed the connection unexpectedly',
  })
  story.log(5.000031, postmaster, 'LOG', 'client backend (PID 110) was terminated by signal 9: Killed', {
    detail: 'Failed process was running: update account set balance = balance - 1',
  })
  story.log(5.000034, postmaster, 'LOG', 'terminating any other active server processes')
  story.tell(5.000034, postmaster, 'node.refusing', { reason: 'crash recovery' })
  for (let index = 1; index < 8; index++) {
    story.tell(5.00009 + index * 0.00001, 'primary', 'client.error', { client: 'teller', index, ...crashOfAnother })
    story.tell(5.000095 + index * 0.00001, `primary client backend ${110 + index}`, 'process.exited', {
      type: 'client backend',
      code: 2,
    })
  }
  for (const [type, pid] of auxiliaries) {
    if (type !== 'startup') story.tell(5.0003, `primary ${type} ${pid}`, 'process.exited', { type, code: 2 })
  }
  story.log(5.0042, postmaster, 'LOG', 'all server processes terminated; reinitializing')
  story.tell(5.0045, 'primary startup 120', 'process.started', { type: 'startup', parent: 100 })
  story.tell(5.0048, 'primary checkpointer 121', 'process.started', { type: 'checkpointer', parent: 100 })
  story.tell(5.0051, 'primary background writer 122', 'process.started', { type: 'background writer', parent: 100 })
  const startup = 'primary startup 120'
  story.log(5.0172, startup, 'LOG', 'database system was interrupted; last known up at 2026-01-01 00:00:00 UTC')
  for (let at = 0; at < 24; at++) {
    story.tell(5.02 + at * 0.002, 'primary', 'client.error', {
      client: 'teller',
      index: at % 8,
      level: 'FATAL',
      sqlstate: '57P03',
      message: 'the database system is in recovery mode',
    })
  }
  story.log(5.0692, startup, 'LOG', 'database system was not properly shut down; automatic recovery in progress')
  story.tell(5.0694, startup, 'recovery.started', { redo: 0x1526e50, timeline: 1 })
  story.log(5.0694, startup, 'LOG', 'redo starts at 0/1526E50')
  story.log(5.0921, startup, 'LOG', 'invalid record length at 0/1A2BC48: expected at least 24, got 0')
  story.log(
    5.0921,
    startup,
    'LOG',
    'redo done at 0/1A2BC20 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.02 s',
  )
  story.log(5.0923, 'primary checkpointer 121', 'LOG', 'checkpoint starting: end-of-recovery immediate wait')
  story.log(
    5.0966,
    'primary checkpointer 121',
    'LOG',
    'checkpoint complete: wrote 61 buffers (0.4%); 0 WAL file(s) added, 0 removed, 0 recycled; write=0.001 s, sync=0.002 s, total=0.004 s; sync files=12, longest=0.001 s, average=0.001 s; distance=5143 kB, estimate=5143 kB; lsn=0/1A2BC48, redo lsn=0/1A2BC48',
  )
  story.tell(5.0968, startup, 'process.exited', { type: 'startup', code: 0 })
  for (const [at, type] of ['walwriter', 'autovacuum launcher', 'logical replication launcher'].entries()) {
    story.tell(5.0969 + at * 0.0002, `primary ${type} ${123 + at}`, 'process.started', { type, parent: 100 })
  }
  story.log(5.1013, postmaster, 'LOG', 'database system is ready to accept connections')
  story.tell(5.1013, postmaster, 'node.accepting', { writable: true })
  for (let index = 0; index < 8; index++) {
    const backend = 130 + index
    story.tell(5.1061 + index * 0.0004, `primary client backend ${backend}`, 'process.started', {
      type: 'client backend',
      parent: 100,
    })
    story.tell(5.1062 + index * 0.0004, 'primary', 'client.connected', {
      client: 'teller',
      index,
      backend,
      again: true,
    })
  }
  for (let at = 0; at < 7801; at++) {
    story.tell(5.11 + (at * 4.89) / 7801, 'primary', 'client.acknowledged', {
      client: 'teller',
      index: at % 8,
      xid: 8700 + at,
      latency: 612_000,
    })
  }
  story.tell(10, '', 'commit.ghost', { client: 'teller', index: 0, xid: 8642, lsn: 0x1a2bb00 })
}

export function killBackendRun(): ReportedRun {
  const story = killBackend()
  const told = story.events.filter(event => event.kind === 'client.error' && event.sqlstate === '57P02')
  const ready = story.events.findLast(event => event.kind === 'node.accepting')!
  const verdicts: readonly Verdict[] = [
    {
      title: 'the other seven are told',
      span: span('expect "the other'),
      outcome: 'held',
      expected: "count(teller.errors where message ~ 'crash of another server process') = 7, within 100ms of crash",
      actual: '7 within 160 µs (at most 100 ms)',
      at: 5.1e9,
      evidence: told.map(event => event.sequence),
    },
    {
      title: 'it serves again',
      span: span('expect "it serves'),
      outcome: 'failed',
      expected: 'eventually primary.accepting, within 50ms of crash',
      actual: 'never in 50 ms; at the end primary.accepting is false',
      at: 5.05e9,
      evidence: [story.events.findIndex(event => event.kind === 'node.refusing') + 1, ready.sequence],
    },
    {
      title: 'no acknowledged commit is lost',
      span: span('forbid lost'),
      outcome: 'held',
      expected: 'forbid lost_commits',
      actual: '15,713 acknowledged, 15,713 there, 1 ghost',
      at: 10e9,
      evidence: [],
    },
  ]
  return { scenario, engine: 'simulated', seed: 42, events: story.events, verdicts, endedAt: 10e9, eventCount: 31_408 }
}
