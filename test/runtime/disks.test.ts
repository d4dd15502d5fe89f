// Faults of disks, machines and links, as scenarios have them.

import { describe, expect, test } from 'vitest'
import { loadScenario, playScenario } from '../../src/index.ts'
import { failed, play } from '../playing.ts'

const drill = (text: string) => `drill "disks"\npostgres 15\nnode primary { autovacuum = off }\n${text}`

const entries = `setup on primary $$
  create table entry (id int primary key, value int);
  insert into entry select i, 0 from generate_series(1, 1000) i;
$$`

async function plays(text: string): Promise<void> {
  expect(failed(await play('disks.drill', drill(text)))).toEqual([])
}

async function complaints(text: string): Promise<string[]> {
  const { scenarios, diagnostics } = await loadScenario({ name: 'disks.drill', text: drill(text) })
  if (!scenarios) return diagnostics.map(({ message }) => message)
  const played = await playScenario(scenarios[0], { detail: 'lifecycle' })
  return 'diagnostics' in played ? played.diagnostics.map(({ message }) => message) : []
}

describe('degrade', () => {
  const writer = `${entries}
client writer on primary every 20ms $$ update entry set value = value + 1 where id = 1; $$`

  test('a volume: every commit waits for its slower fsync, until it is over', () =>
    plays(`volume pg_wal of primary { fsync = 1ms }
${writer}
at 1s degrade pg_wal of primary for 1s as slow { fsync = 100ms }
ends 3s
expect from 100ms to slow that max(writer.commits, latency) < 3ms
expect from slow + 300ms to slow + 900ms that min(writer.commits, latency) > 100ms
expect from slow + 1300ms to end that max(writer.commits, latency) < 3ms`))

  test('a link: every answer comes later', () =>
    plays(`link wan between primary, writer { latency = 1ms }
${writer}
at 1s degrade wan for 1s as slow { latency = 50ms }
ends 3s
expect from slow + 300ms to slow + 900ms that min(writer.commits, latency) > 100ms
expect from slow + 1300ms to end that max(writer.commits, latency) < 10ms`))

  test('a machine: with fewer processors everybody waits for one', () =>
    plays(`host small { cpus = 8 }
node busy on small { fsync = off }
setup on busy $$ create table n (i int); insert into n select i from generate_series(1, 500) i; $$
client reader times 8 on busy every 1ms $$ select count(*) from n; $$
at 300ms degrade small for 300ms as slow { cpus = 1 }
ends 900ms
expect from 100ms to slow that max(reader.commits, latency) < 250us
expect from slow + 100ms to slow + 290ms that min(reader.commits, latency) > 600us
expect from slow + 350ms to end that max(reader.commits, latency) < 250us`))
})

test('a failing write is a panic where it is the WAL, and recovery can not begin', () =>
  plays(`${entries}
client writer on primary every 20ms { reconnect = 1s } $$ update entry set value = value + 1 where id = 1; $$
at 1s fail write of primary for 8s as broken
at 10s start primary as return
ends return.done + 2s
expect from broken to broken + 8s that ordered(
  primary.log where level = 'PANIC' and message ~ 'could not write to log file 000000010000000000000001 at offset',
  primary.log where level = 'PANIC' and message ~ 'could not write file ".*global/pg_control"',
  primary.log where message ~ 'shutting down due to startup process failure')
expect that eventually count(events where kind = 'client.connected' and again) = 1
forbid lost_commits`))

describe('corrupt', () => {
  const read = `at 2s run on primary as read { optional = on } $$ select count(*) from entry; $$`

  test('a page of zeros is one that was never used, so its rows are gone when it is read again', () =>
    plays(`${entries}
at 1s corrupt entry of primary { block = 2; kind = zeroed }
at 1s restart primary
${read}
ends 3s
at end expect that query(primary, $$select count(*) from entry$$) < 1000`))

  test('a flipped bit goes unnoticed, unless it is one of those that are checked', () =>
    plays(`${entries}
at 1s corrupt entry of primary { block = 2; kind = flipped }
at 1s restart primary
${read}
ends 3s
at end expect that query(primary, $$select count(*) from entry$$) > 900`))

  test('with checksums a flipped bit is an error', async () => {
    const text = drill(`${entries}
at 1s corrupt entry of primary { block = 2; kind = flipped }
at 1s restart primary
${read}
ends 3s
expect that ordered(
  primary.log where level = 'LOG' and message ~ 'page verification failed, calculated checksum',
  primary.log where level = 'LOG' and message ~ 'invalid page in block 2 of relation "base/5/',
  primary.log where level = 'ERROR' and sqlstate = 'XX001' and message ~ 'invalid page in block 2')`)
    expect(failed(await play('disks.drill', text.replace('postgres 15', 'postgres 18')))).toEqual([])
  })

  test('a segment of the WAL ends recovery there', () =>
    plays(`${entries}
client writer on primary every 5ms to 900ms $$ update entry set value = value + 1 where id = 1; $$
at 1s corrupt '000000010000000000000001' of primary { block = 0 }
at 1s stop primary with immediate
at 1500ms start primary { optional = on }
ends 3s
at end expect that not primary.accepting`))
})

describe('before the run', () => {
  test('a volume without a size cannot be filled', async () => {
    expect(await complaints('volume pg_wal of primary\nat 1s fill pg_wal of primary to 90%\nends 2s')).toEqual([
      "the volume pg_wal of primary has no size, so it can't be filled",
    ])
  })

  test('what is degraded must have what is said of it', async () => {
    expect(await complaints('at 1s degrade data of primary { cpus = 1 }\nends 2s')).toEqual(['a volume has no `cpus`'])
    expect(await complaints('host h\nat 1s degrade h\nends 2s')).toEqual(['nothing says what gets worse'])
  })
})
