import { describe, expect, test } from 'vitest'
import { diagnoseSettings, diagnoseTogether } from '../../../../src/runtime/simulated/settings/diagnose.ts'
import { SessionSettings } from '../../../../src/runtime/simulated/settings/session-settings.ts'
import { Settings } from '../../../../src/runtime/simulated/settings/settings.ts'

const span = { start: 0, end: 1 }
function written(name: string, text: string) {
  return { name, nameSpan: span, values: [{ type: 'text' as const, text, span }] }
}

function settingsOf(version: number, file: Record<string, string> = {}): Settings {
  return new Settings(version, new Map(Object.entries(file)))
}

function edit(settings: Settings, changes: Record<string, string>): void {
  settings.files.edit(new Map(Object.entries(changes)))
}

test('durations are nanoseconds, sizes bytes, and what is off stays as written', () => {
  const settings = settingsOf(17, { wal_keep_size: '16MB' })
  expect(settings.get('checkpoint_timeout')).toBe(300e9)
  expect(settings.get('shared_buffers')).toBe(128 * 1024 * 1024)
  expect(settings.get('wal_keep_size')).toBe(16 * 1024 * 1024)
  expect(settings.get('log_min_duration_statement')).toBe(-1)
  expect(settings.get('checkpoint_completion_target')).toBe(0.9)
  expect(settings.get('fsync')).toBe(true)
})

test('what the files leave open is worked out at the start', () => {
  expect(settingsOf(15).get('wal_buffers')).toBe(4 * 1024 * 1024)
  expect(settingsOf(15, { shared_buffers: '16MB' }).get('wal_buffers')).toBe(512 * 1024)
  expect(settingsOf(17, { shared_buffers: '64GB' }).values.transaction_buffers).toBe(1024 * 8192)
})

test("a scenario's mistakes become diagnostics", () => {
  const settings = [
    written('max_connection', '10'),
    written('max_connections', '0'),
    written('checkpoint_timeout', '30kB'),
    written('transaction_timeout', '1s'),
    written('vacuum_defer_cleanup_age', '1'),
    written('wal_compression', 'on'),
    written('block_size', '4096'),
    written('work_mem', '64kB'),
    written('synchronous_commit', 'no'),
    written('random_page_cost', '4.0'),
    written('max_parallel_workers', '0'),
    written('datestyle', 'iso'),
  ]
  expect(diagnoseSettings(settings, 16).map(each => [each.code, each.message, each.help])).toEqual([
    ['unknown-setting', 'PostgreSQL has no setting "max_connection"', 'Did you mean max_connections?'],
    ['out-of-range', '0 is outside the valid range for parameter "max_connections" (1 .. 262143)', undefined],
    [
      'wrong-unit',
      'invalid value for parameter "checkpoint_timeout": "30kB"',
      'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".',
    ],
    ['unknown-setting', 'PostgreSQL 16 has no setting "transaction_timeout"', 'It came with 17'],
    ['unknown-setting', 'PostgreSQL 16 has no setting "vacuum_defer_cleanup_age"', 'It went with 16'],
    [
      'not-modelled',
      'wal_compression is not played yet: page images are not compressed',
      'Leave it at its default, off',
    ],
    ['wrong-type', 'parameter "block_size" cannot be changed', undefined],
  ])
})

test('what a server would not start with', () => {
  const settings = [written('max_connections', '3'), written('reserved_connections', '1')]
  expect(diagnoseTogether(settings, 16)).toEqual([
    {
      code: 'out-of-range',
      span,
      message: 'superuser_reserved_connections (3) plus reserved_connections (1) must be less than max_connections (3)',
    },
  ])
  expect(diagnoseTogether([written('max_connections', '3')], 15)[0].message).toBe(
    'superuser_reserved_connections (3) must be less than max_connections (3)',
  )
  expect(diagnoseTogether([...settings, written('superuser_reserved_connections', '1')], 16)).toEqual([])
})

test('from 18 on log_connections names what is logged', () => {
  const complaints = (text: string) =>
    diagnoseSettings([written('log_connections', text)], 18).map(each => each.help ?? each.message)
  expect(complaints('receipt, authorization')).toEqual([])
  expect(complaints('on')).toEqual([])
  expect(complaints('receipt, maybe')).toEqual(['Invalid option "maybe".'])
  expect(complaints('all')).toEqual(['Leave it at its default, which is empty'])
})

describe('reload', () => {
  test('changes what it may and reports the rest', () => {
    const settings = settingsOf(17)
    edit(settings, { work_mem: '8MB', max_connections: '55' })
    expect(settings.reload()).toMatchObject([
      { kind: 'needs restart', name: 'max_connections', at: { file: 'postgresql.conf', line: 65 } },
      { kind: 'changed', name: 'work_mem', text: '8MB' },
    ])
    expect(settings.get('max_connections')).toBe(100)
    expect([...settings.pendingRestart]).toEqual(['max_connections'])
    expect(settings.reload()).toMatchObject([{ kind: 'needs restart', name: 'max_connections' }])
    edit(settings, { max_connections: '100' })
    expect(settings.reload()).toEqual([])
    expect([...settings.pendingRestart]).toEqual([])
    edit(settings, { max_connections: '55' })
    settings.load()
    expect(settings.get('max_connections')).toBe(55)
  })

  test('a name that nobody knows keeps everything as it was', () => {
    const settings = settingsOf(15)
    edit(settings, { checkpoint_timeout: '1min', nonsense: '1' })
    expect(settings.reload()).toEqual([
      { kind: 'unknown', at: { name: 'nonsense', text: '1', file: 'postgresql.conf', line: 817 } },
    ])
    expect(settings.get('checkpoint_timeout')).toBe(300e9)
  })

  test('a wrong value keeps its own setting as it was', () => {
    const settings = settingsOf(15)
    edit(settings, { checkpoint_timeout: '1', wal_writer_delay: '1s' })
    expect(settings.reload()).toMatchObject([
      {
        kind: 'invalid',
        complaint: { message: '1 s is outside the valid range for parameter "checkpoint_timeout" (30 .. 86400)' },
      },
      { kind: 'changed', name: 'wal_writer_delay', text: '1s' },
    ])
    expect(settings.get('checkpoint_timeout')).toBe(300e9)
  })

  test('what is taken out of the files goes back to its default', () => {
    const settings = settingsOf(15)
    settings.files.alter('checkpoint_timeout', '1min')
    settings.files.alter('wal_keep_size', '1GB')
    settings.files.alter('max_wal_senders', '3')
    settings.load()
    expect(settings.origin('wal_keep_size')).toEqual({
      name: 'wal_keep_size',
      text: '1GB',
      file: 'postgresql.auto.conf',
      line: 4,
    })
    settings.files.alterNothing()
    expect(settings.reload()).toEqual([
      { kind: 'removed', name: 'checkpoint_timeout' },
      { kind: 'needs restart', name: 'max_wal_senders' },
      { kind: 'removed', name: 'wal_keep_size' },
    ])
    expect(settings.get('checkpoint_timeout')).toBe(300e9)
    expect(settings.get('max_wal_senders')).toBe(3)
    expect(settings.origin('wal_keep_size')).toBe('default')
    expect(settings.reload()).toEqual([{ kind: 'needs restart', name: 'max_wal_senders' }])
  })
})

describe('session', () => {
  test('sees a reload at its next command, but for what it has set', () => {
    const server = settingsOf(17)
    const session = new SessionSettings(server, true)
    session.set('work_mem', '1MB', 0)
    edit(server, { work_mem: '16MB', temp_buffers: '16MB', log_disconnections: 'on' })
    server.reload()
    expect(session.show('temp_buffers')).toBe('8MB')
    session.refresh()
    expect(['work_mem', 'temp_buffers'].map(name => session.show(name))).toEqual(['1MB', '16MB'])
    session.set('work_mem', undefined, 0)
    expect(session.show('work_mem')).toBe('16MB')
    // That of a connection stays as it was when the connection began.
    expect(session.get('log_disconnections')).toBe(false)
    expect(new SessionSettings(server, true).get('log_disconnections')).toBe(true)
  })

  test('takes back what failed, level by level', () => {
    const session = new SessionSettings(settingsOf(17), true)
    const shown = () => session.show('work_mem')
    session.set('work_mem', '1MB', 1)
    session.set('work_mem', '2MB', 2, true)
    expect(shown()).toBe('2MB')
    session.endNesting(2, true)
    expect(shown()).toBe('2MB')
    session.endNesting(1, true)
    expect(shown()).toBe('1MB')
    session.set('work_mem', '3MB', 1, true)
    session.set('work_mem', '5MB', 1)
    session.endNesting(1, true)
    expect(shown()).toBe('5MB')
    session.set('work_mem', '6MB', 1)
    session.set('work_mem', '7MB', 2)
    session.endNesting(2, false)
    expect(shown()).toBe('6MB')
    session.endNesting(1, false)
    expect(shown()).toBe('5MB')
  })

  test('goes back to what its connection asked for', () => {
    const session = new SessionSettings(settingsOf(17), false)
    expect(session.setAtStart('lock_timeout', '3s')).toBeUndefined()
    session.set('lock_timeout', '1s', 0)
    expect(session.origin('lock_timeout')).toBe('session')
    session.resetAll(0)
    expect([session.show('lock_timeout'), session.origin('lock_timeout')]).toEqual(['3s', 'client'])
    expect(session.setAtStart('log_connections', 'on')?.message).toBe(
      'permission denied to set parameter "log_connections"',
    )
  })

  test('says what is not played', () => {
    const session = new SessionSettings(settingsOf(17), true)
    expect(session.set('enable_seqscan', 'off', 0)).toEqual({
      sqlstate: '0A000',
      message: 'enable_seqscan is not played yet: plans are chosen by rules, not by costs',
    })
    expect(session.set('enable_seqscan', 'on', 0)).toBeUndefined()
    expect(session.set('TimeZone', 'utc', 0)).toBeUndefined()
  })
})
