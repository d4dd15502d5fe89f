// ALTER SYSTEM and pg_reload_conf() from a session, as a real PostgreSQL 15 answers.

import { expect, test } from 'vitest'
import { play } from '../../../playing.ts'

const look = `select setting || ' ' || source || ' ' || reset_val || ' ' || coalesce(sourceline, 0)
  from pg_settings where name = 'lock_timeout'`

/** Each with what its last row says. */
const steps: readonly (readonly [sql: string, answer?: string])[] = [
  ["alter system set lock_timeout = '3s'"],
  [look, '0 default 0 0'],
  ['select pg_reload_conf()', 't'],
  [look, '3000 configuration file 3000 3'],
  ["set lock_timeout = '1s'"],
  [look, '1000 session 3000 0'],
  ['alter system reset lock_timeout'],
  ['select pg_reload_conf()', 't'],
  [look, '1000 session 0 0'],
  ['reset lock_timeout'],
  [look, '0 default 0 0'],
]

test('a session changes the file, has it read again, and takes it back', async () => {
  const [run] = await play(
    'reload.drill',
    `drill "a session reloads"
postgres 15
node primary
session admin on primary {
${steps.map(([sql], index) => `  step s${index} $$ ${sql}; $$`).join('\n')}
}
${steps.map((_, index) => `at ${index + 1}s play s${index}`).join('\n')}
ends 20s
`,
  )
  const answers = run.events.flatMap(event => (event.kind === 'step.finished' ? [event.value] : []))
  expect(answers).toEqual(steps.map(([, answer]) => answer))
  const log = run.events.flatMap(event => (event.kind === 'log.line' ? [event.message] : []))
  expect(log.slice(log.indexOf('received SIGHUP, reloading configuration files'))).toEqual([
    'received SIGHUP, reloading configuration files',
    'parameter "lock_timeout" changed to "3s"',
    'received SIGHUP, reloading configuration files',
    'parameter "lock_timeout" removed from configuration file, reset to default',
  ])
})
