import { describe, expect, test } from 'vitest'
import { settingDefinitions } from '../../../../src/runtime/simulated/settings/definitions.ts'
import { readSettings } from '../../../../src/runtime/simulated/settings/diagnose.ts'
import { SessionSettings } from '../../../../src/runtime/simulated/settings/session-settings.ts'
import { Settings } from '../../../../src/runtime/simulated/settings/settings.ts'
import { isInvalid, parseValue } from '../../../../src/runtime/simulated/settings/value.ts'

const span = { start: 0, end: 1 }
function written(name: string, text: string) {
  return { name, nameSpan: span, values: [{ type: 'text' as const, text, span }] }
}

describe('settings', () => {
  test('every default is a valid value, once for each version', () => {
    for (const definition of settingDefinitions) {
      expect(isInvalid(parseValue(definition, definition.default)), definition.name).toBe(false)
      for (const other of settingDefinitions) {
        if (other === definition || other.name !== definition.name) continue
        const apart = (definition.until ?? 18) < (other.since ?? 15) || (other.until ?? 18) < (definition.since ?? 15)
        expect(apart, definition.name).toBe(true)
      }
    }
  })

  test('durations are nanoseconds, sizes bytes, and what is off stays as written', () => {
    const settings = new Settings(
      17,
      new Map([
        ['work_mem', '8MB'],
        ['vacuum_cost_delay', '1.5ms'],
      ]),
    )
    expect(settings.get('checkpoint_timeout')).toBe(300e9)
    expect(settings.get('shared_buffers')).toBe(128 * 1024 * 1024)
    expect(settings.get('work_mem')).toBe(8 * 1024 * 1024)
    expect(settings.get('vacuum_cost_delay')).toBe(1_500_000)
    expect(settings.get('wal_keep_size')).toBe(0)
    expect(settings.get('log_min_duration_statement')).toBe(-1)
    expect(settings.get('random_page_cost')).toBe(4)
    expect(settings.show('checkpoint_timeout')).toBe('5min')
    expect(settings.show('vacuum_cost_delay')).toBe('1500us')
    expect(settings.show('unix_socket_permissions')).toBe('0777')
  })

  test("a scenario's mistakes become diagnostics", () => {
    const { file, diagnostics } = readSettings(
      [
        written('max_connection', '10'),
        written('max_connections', '0'),
        written('checkpoint_timeout', '30kB'),
        written('transaction_timeout', '1s'),
        written('archive_mode', 'on'),
        written('work_mem', '64kB'),
        written('synchronous_commit', 'no'),
      ],
      16,
    )
    expect(diagnostics.map(each => [each.code, each.message, each.help])).toEqual([
      ['unknown-setting', 'PostgreSQL has no setting "max_connection"', 'Did you mean max_connections?'],
      ['out-of-range', '0 is outside the valid range for parameter "max_connections" (1 .. 262143)', undefined],
      [
        'wrong-unit',
        'invalid value for parameter "checkpoint_timeout": "30kB"',
        'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".',
      ],
      ['unknown-setting', 'PostgreSQL 16 has no setting "transaction_timeout"', 'It exists in PostgreSQL 17 to 18'],
      ['not-modelled', 'archive_mode is not played yet: there is no archiver yet', 'Leave it at its default, off'],
    ])
    expect([...file]).toEqual([
      ['work_mem', '64kB'],
      ['synchronous_commit', 'no'],
    ])
  })

  test('a reload changes what it may and reports the rest', () => {
    const settings = new Settings(17, new Map())
    settings.edit(
      new Map([
        ['work_mem', '8MB'],
        ['max_connections', '55'],
      ]),
    )
    expect(settings.reload()).toEqual([
      { kind: 'needs restart', name: 'max_connections' },
      { kind: 'changed', name: 'work_mem', value: '8MB' },
    ])
    expect(settings.get('max_connections')).toBe(100)
    expect(settings.get('work_mem')).toBe(8 * 1024 * 1024)
    settings.load()
    expect(settings.get('max_connections')).toBe(55)
  })

  test('a session sees reloads of what it has not set, and takes back what failed', () => {
    const server = new Settings(17, new Map())
    const session = new SessionSettings(server, true)
    expect(session.set('work_mem', '1MB', 1)).toBeUndefined()
    expect(session.set('statement_timeout', '1s', 1, true)).toBeUndefined()
    expect(session.show('work_mem')).toBe('1MB')
    session.endNesting(1, true)
    expect([session.show('work_mem'), session.show('statement_timeout')]).toEqual(['1MB', '0'])
    session.set('work_mem', '2MB', 1)
    session.endNesting(1, false)
    expect(session.show('work_mem')).toBe('1MB')
    session.set('work_mem', undefined, 0)
    server.edit(new Map([['work_mem', '16MB']]))
    server.reload()
    expect(session.show('work_mem')).toBe('16MB')
    expect(session.set('port', '1', 0)?.message).toBe(
      'parameter "port" cannot be changed without restarting the server',
    )
    expect(session.set('blabla', '1', 0)?.sqlstate).toBe('42704')
  })
})
