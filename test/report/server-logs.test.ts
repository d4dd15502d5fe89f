import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import Run from '../../src/commands/run.ts'
import { serverLogKinds, serverLogs } from '../../src/index.ts'
import { folderWith, runCommand } from '../commands/harness.ts'
import { play } from '../playing.ts'

const drill = (settings: string) => `drill "Logs"
seed 1
node primary { ${settings} }
session anna on primary {
  step one $$ select 1; $$
  step wrong $$ select nothing
from nowhere; $$
}
permutation one, wrong
`

const logs = async (settings: string) => {
  const [run] = await play('logs.drill', drill(settings), { wants: serverLogKinds })
  return serverLogs(run)
}

test('a log has the prefix on every line, and the lines of one message together', async () => {
  const files = await logs('log_connections = on')
  expect([...files.keys()]).toEqual(['primary.log'])
  const lines = files.get('primary.log')!.split('\n')
  expect(lines.pop()).toBe('')
  const prefixed = /^2025-01-01 00:00:0\d\.\d{3} UTC \[\d+\] (LOG|ERROR|STATEMENT|DETAIL|HINT): {2}/
  const continued = lines.filter(line => !prefixed.test(line))
  expect(continued).toEqual(['\tfrom nowhere;'])
  const wrong = lines.findIndex(line => line.includes('ERROR:  relation "nowhere" does not exist at character'))
  expect(lines[wrong + 1]).toMatch(/\[107\] STATEMENT: {2}select nothing$/)
  expect(lines[0]).toMatch(/\[100\] LOG: {2}starting PostgreSQL 17/)
  expect(files.get('primary.log')).toContain('connection authorized: user=postgres database=postgres')
})

test('log_destination says which files there are, log_line_prefix how lines begin', async () => {
  const files = await logs("log_destination = 'stderr,csvlog,jsonlog'; log_line_prefix = '%a|%e|%l: '")
  expect([...files.keys()].toSorted()).toEqual(['primary.csv', 'primary.json', 'primary.log'])
  const objects = files
    .get('primary.json')!
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  const error = objects.find(({ error_severity }) => error_severity === 'ERROR')
  expect(error).toMatchObject({
    pid: 107,
    user: 'postgres',
    dbname: 'postgres',
    state_code: '42P01',
    statement: 'select nothing\nfrom nowhere;',
    application_name: 'anna',
    backend_type: 'client backend',
  })
  expect(files.get('primary.log')).toContain('anna|42P01|1: ERROR:  relation "nowhere"')
  const row = files
    .get('primary.csv')!
    .split('\n')
    .find(line => line.includes(',ERROR,42P01,'))
  expect(row).toMatch(/^2025-01-01 00:00:0\d\.\d{3} UTC,"postgres","postgres",107,/)
})

test('a collector that runs writes the same lines', async () => {
  const [run] = await play('logs.drill', drill('logging_collector = on'), { wants: serverLogKinds })
  const messages = run.events.filter(event => event.kind === 'log.line').map(({ message }) => message)
  const text = serverLogs(run).get('primary.log')!
  for (const message of messages) expect(text).toContain(message)
})

test('the command writes a folder of them, one for each of several runs', async () => {
  const folder = folderWith({ 'a.drill': drill(''), 'b.drill': drill("log_destination = 'jsonlog'") })
  const [a, b] = [join(folder, 'a.drill'), join(folder, 'b.drill')]
  const one = await runCommand(Run, a, '--logs', join(folder, 'one'), '--quiet')
  expect(one).toEqual({ out: '', error: '', status: 0 })
  expect(readFileSync(join(folder, 'one/primary.log'), 'utf8')).toContain('database system is ready')
  await runCommand(Run, a, b, '--logs', join(folder, 'two'), '--quiet')
  expect(readFileSync(join(folder, 'two/1/primary.log'), 'utf8')).toContain('database system is ready')
  expect(readFileSync(join(folder, 'two/2/primary.json'), 'utf8')).toContain('"message":"database system is ready')
  const refused = await runCommand(Run, a, '--engine', 'postgres', '--logs', folder)
  expect(refused.status).toBe(2)
  expect(refused.error).toContain('--keep')
})
