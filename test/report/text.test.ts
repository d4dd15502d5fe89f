import { describe, expect, test } from 'vitest'
import type { TraceEvent } from '../../src/model/trace.ts'
import { formats, plain, type ReportedRun, type ReportOptions } from '../../src/report/index.ts'
import { crossedRun } from './crossed.ts'
import { killBackendRun } from './kill-backend.ts'
import { Story } from './story.ts'

const options: ReportOptions = { version: '0.1.0', detail: 'lifecycle', styles: plain, width: 100 }

function textOf(runs: readonly ReportedRun[], changed: Partial<ReportOptions> = {}): string {
  return [...formats.text.write(runs, { ...options, ...changed })].join('')
}

/** The rows of the timeline alone, without the indentation. */
function timelineOf(story: Story, detail: ReportOptions['detail'] = 'lifecycle'): readonly string[] {
  const run = { ...killBackendRun(), events: story.events, verdicts: [] }
  return textOf([run], { detail })
    .split('\n')
    .slice(2, -3)
    .map(row => row.trim().replaceAll(/ {2,}/g, '  '))
}

describe('the text report', () => {
  test('tells the crash of a backend', async () => {
    await expect(textOf([killBackendRun()])).toMatchFileSnapshot('kill-backend.txt')
  })

  test('tells a deadlock, and its runs under headings', async () => {
    const other = crossedRun()
    const [verdict] = other.verdicts
    const undecided = {
      ...verdict,
      outcome: 'undecided',
      actual: 'nothing to look at: step a2 was never played',
    } as const
    const runs = [
      crossedRun(),
      { ...other, permutation: 'a1, a2, a3', events: other.events.slice(0, 3), verdicts: [undecided] },
    ]
    await expect(textOf(runs)).toMatchFileSnapshot('crossed.txt')
  })

  test('tabulates variants', async () => {
    const variant = (version: string, promise: string, outcome: 'held' | 'failed'): ReportedRun => {
      const run = crossedRun()
      const verdicts = [
        { ...run.verdicts[0], outcome },
        { ...run.verdicts[0], title: 'it ends', span: { start: 7, end: 9 } },
      ]
      const scenario = { ...run.scenario, variant: { version, promise }, postgres: Number(version) as 17 }
      return { ...run, scenario, permutation: undefined, events: [], verdicts }
    }
    const runs = [variant('15', 'off', 'held'), variant('18', 'remote_write', 'failed')]
    await expect(textOf(runs)).toMatchFileSnapshot('variants.txt')
  })

  test('stays within its width', () => {
    for (const width of [80, 100, 140]) {
      const wide = textOf([killBackendRun()], { width })
        .split('\n')
        .filter(row => row.length > width)
      expect(wide).toEqual([])
    }
  })

  test('clips the name of a check that is its long formula', () => {
    const run = killBackendRun()
    const title = `count(primary.log where message ~ '${'very '.repeat(40)}long') > 0`
    for (const verdict of run.verdicts) {
      const rows = textOf([{ ...run, events: [], verdicts: [{ ...verdict, title }] }]).split('\n')
      expect(rows.filter(row => row.length > 100)).toEqual([])
      expect(rows.join('\n')).toMatch(/[✓✗] count.*very[ very]*… /)
    }
  })

  test('tells the time on the wall only if it is given', () => {
    expect(textOf([killBackendRun()])).toMatch(/1 of 3 checks failed · 10 s played · 31,408 events\n$/)
    expect(textOf([{ ...killBackendRun(), wallClock: 91e6 }])).toMatch(/ · 10 s played in 0\.09 s · 31,408 events\n$/)
  })

  test('styles texts, and never the blanks between columns', () => {
    const styles = { ...plain, fault: (text: string) => `<${text}>`, held: (text: string) => `{${text}}` }
    const styled = textOf([killBackendRun()], { styles })
    expect(styled).toContain('<⚡ crash> ')
    expect(styled.replaceAll(/[<>{}]/g, '')).toBe(textOf([killBackendRun()]))
  })
})

describe('the timeline', () => {
  test('an event speaks where the log is silent', () => {
    const story = new Story()
    story.tell(1, 'primary', 'node.accepting', { writable: true })
    expect(timelineOf(story)).toEqual(['1.000 000  primary  accepts connections'])
    story.log(1, 'other postmaster 200', 'LOG', 'database system is ready to accept connections')
    expect(timelineOf(story)).toHaveLength(2)
    story.log(1.0001, 'primary postmaster 100', 'LOG', 'database system is ready to accept connections')
    expect(timelineOf(story).join()).not.toContain('accepts')
  })

  test('commits are summed up between what interrupts them, and stay in their order', () => {
    const story = new Story()
    const commit = (at: number) =>
      story.tell(at, 'primary', 'client.acknowledged', { client: 'teller', index: 0, latency: 1_000_000 })
    for (const at of [1, 2, 3]) commit(at)
    story.log(3.5, 'primary checkpointer 102', 'LOG', 'checkpoint starting: time')
    for (const at of [4, 5]) commit(at)
    story.tell(6, 'primary', 'fault.injected', { text: 'kill -9 checkpointer', hits: 1, label: 'crash' })
    commit(7)
    expect(timelineOf(story)).toEqual([
      '…  teller  5 commits in 4 s, 1 ms each',
      '3.500 000  primary  checkpointer 102  LOG: checkpoint starting: time',
      '',
      '6.000 000  ⚡ crash  kill -9 checkpointer',
      '…  teller  1 commit, 1 ms each',
    ])
  })

  test('clients that hear the same are one line, others are not', () => {
    const story = new Story()
    const hear = (index: number, message: string) =>
      story.tell(1 + index / 1000, 'primary', 'client.error', { client: 'teller', index, level: 'FATAL', message })
    for (const index of [1, 2, 3]) hear(index, 'terminating connection due to administrator command')
    hear(5, 'sorry, too many clients already')
    expect(timelineOf(story)).toEqual([
      '1.001 000  teller  [1] to [3]  FATAL: terminating connection due to administrator command',
      '1.005 000  [5]  FATAL: sorry, too many clients already',
    ])
  })

  test('a fault that hit nothing says so', () => {
    const story = new Story()
    story.tell(1, 'primary', 'fault.injected', { text: 'kill -9 archiver', hits: 0 })
    expect(timelineOf(story)).toEqual(['1.000 000  ⚡  kill -9 archiver: it hit nothing'])
  })

  test('finer events show only at their level, and are summed up', () => {
    const story = new Story()
    for (const at of [1, 2, 3, 4])
      story.tell(at, 'primary walwriter 105', 'wal.flushed', { lsn: at * 8192, bytes: 8192 })
    expect(timelineOf(story).join('')).toBe('')
    expect(timelineOf(story, 'activity').join('')).toBe('')
    expect(timelineOf(story, 'storage')).toEqual([
      '1.000 000  primary  walwriter 105  WAL flushed to 0/2000 (the first of 4 times in 3 s)',
    ])
  })

  test('few events that each say their own stay apart, in their order', () => {
    const story = new Story()
    const wait = (at: number, pid: number, target: string) =>
      story.tell(at, `primary backend ${pid}`, 'lock.waited', { mode: 'ShareLock', target, blocker: 112 })
    wait(1, 110, 'transaction 742')
    story.tell(1.5, 'primary checkpointer 102', 'checkpoint.started', { reason: 'time', redo: 0 })
    wait(2, 111, 'transaction 743')
    expect(timelineOf(story, 'activity')).toEqual([
      '1.000 000  primary  backend 110  waits for ShareLock on transaction 742, held by 112',
      '1.500 000  checkpointer 102  checkpoint starting: time',
      '2.000 000  backend 111  waits for ShareLock on transaction 743, held by 112',
    ])
  })

  test('processes that come and go are counted', () => {
    const story = new Story()
    for (let at = 1; at <= 60; at++) {
      const type = 'autovacuum worker'
      story.tell(at * 60, `primary ${type} ${200 + at}`, 'process.started', { type, parent: 100 })
      story.tell(at * 60 + 1, `primary ${type} ${200 + at}`, 'process.exited', { type, code: 0 })
    }
    expect(timelineOf(story)).toEqual([
      '60.000 000  primary  autovacuum worker 201  forked by postmaster 100',
      '61.000 000  ×60  exited with code 0: 60 autovacuum workers in 59 min',
      '120.000 000  ×59  forked again: 59 autovacuum workers in 58 min',
    ])
  })

  test('a label is not told twice', () => {
    const story = new Story()
    story.tell(1, 'primary', 'fault.injected', { text: 'kill -9 backend 110', hits: 1, label: 'crash' })
    story.tell(1, '', 'label.reached', { label: 'crash', done: false })
    story.tell(2, '', 'label.reached', { label: 'base', done: true })
    expect(timelineOf(story)).toEqual(['1.000 000  ⚡ crash  kill -9 backend 110', '2.000 000  ▸ base  is done'])
  })
})

describe('long runs', () => {
  const textOfEvents = (story: Story) => {
    const events: readonly TraceEvent[] = story.events
    return textOf([{ ...killBackendRun(), events, verdicts: [] }])
  }

  test('many commits are one line', () => {
    const story = new Story()
    for (let at = 0; at < 100_000; at++) {
      story.tell(at / 1000, 'primary', 'client.acknowledged', { client: 'teller', index: at % 8, latency: 500_000 })
    }
    expect(textOfEvents(story)).toContain('100,000 commits in 100 s, 500 µs each')
  })

  test('many lines are no trouble', () => {
    const story = new Story()
    for (let at = 0; at < 200_000; at++) story.tell(at / 1000, '', 'note.shown', { text: `note ${at}` })
    expect(textOfEvents(story).split('\n').length).toBeGreaterThan(200_000)
  })
})
