// Texts and what PostgreSQL makes of them: the answers are those of real servers.

import { expect, test } from 'vitest'
import { formatSetting, isInvalidSetting, parseSetting } from '../../src/model/setting-value.ts'
import { definitionsOf } from '../../src/runtime/simulated/settings/definitions.ts'

function shown(name: string, text: string, version = 15): string {
  const definition = definitionsOf(version).get(name)!
  const value = parseSetting(definition, text, version)
  if (!isInvalidSetting(value)) return formatSetting(definition, value)
  return value.hint === undefined ? value.message : `${value.message} ${value.hint}`
}

test.each([
  ['work_mem', '64.5kB', '64kB'],
  ['work_mem', '0x1000', '4MB'],
  ['work_mem', '0200', '128kB'],
  ['work_mem', ' 8 MB ', '8MB'],
  ['work_mem', '1e3', '1000kB'],
  ['statement_timeout', '1.5min', '90s'],
  ['statement_timeout', '0', '0'],
  ['random_page_cost', '1.123456789', '1.12346'],
  ['random_page_cost', '1e10', '1e+10'],
  ['vacuum_cost_delay', '1.5', '1500us'],
  ['vacuum_cost_delay', '0.0004', '0.4us'],
  ['unix_socket_permissions', '0770', '0770'],
  ['enable_seqscan', 'of', 'off'],
  ['enable_seqscan', 'YE', 'on'],
  ['backslash_quote', 'yes', 'on'],
  ['client_min_messages', 'Debug', 'debug2'],
  ['temp_buffers', '100', '800kB'],
])('%s = %s is %s', (name, text, expected) => {
  expect(shown(name, text)).toBe(expected)
})

const sizes = 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".'

test.each([
  ['work_mem', '1', '1 kB is outside the valid range for parameter "work_mem" (64 .. 2147483647)'],
  ['work_mem', '1.5', '2 kB is outside the valid range for parameter "work_mem" (64 .. 2147483647)'],
  ['work_mem', '1XB', `invalid value for parameter "work_mem": "1XB" ${sizes}`],
  ['work_mem', '0 foo', `invalid value for parameter "work_mem": "0 foo" ${sizes}`],
  ['work_mem', 'abc', 'invalid value for parameter "work_mem": "abc"'],
  ['work_mem', '', 'invalid value for parameter "work_mem": ""'],
  ['work_mem', '3000GB', 'invalid value for parameter "work_mem": "3000GB" Value exceeds integer range.'],
  ['geqo_threshold', '12kB', 'invalid value for parameter "geqo_threshold": "12kB"'],
  ['random_page_cost', '-1', '-1 is outside the valid range for parameter "random_page_cost" (0 .. 1.79769e+308)'],
  ['vacuum_cost_delay', '200ms', '200 ms is outside the valid range for parameter "vacuum_cost_delay" (0 .. 100)'],
  ['temp_buffers', '1', '1 8kB is outside the valid range for parameter "temp_buffers" (100 .. 1073741823)'],
  ['enable_seqscan', 'o', 'parameter "enable_seqscan" requires a Boolean value'],
  [
    'synchronous_commit',
    't',
    'invalid value for parameter "synchronous_commit": "t" Available values: local, remote_write, remote_apply, on, off.',
  ],
])('%s = %s is refused', (name, text, expected) => {
  expect(shown(name, text)).toBe(expected)
})

test('from 17 on bounds have units', () => {
  expect(shown('work_mem', '1', 17)).toBe(
    '1 kB is outside the valid range for parameter "work_mem" (64 kB .. 2147483647 kB)',
  )
})
