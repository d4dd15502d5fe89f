// The archiver's course, compared with the log of a real server 15: tries, titles, status files, and who starts it when.

import { describe, expect, test } from 'vitest'
import { millisecond, second } from '../../../../src/model/units.ts'
import { Archive } from '../../../../src/runtime/simulated/machine/archive.ts'
import { File } from '../../../../src/runtime/simulated/machine/file.ts'
import { understands } from '../../../../src/runtime/simulated/machine/shell.ts'
import type { Server } from '../../../../src/runtime/simulated/server.ts'
import { Client, Play } from './play.ts'

type Version = 15 | 16 | 17 | 18

const copy = { archive_mode: 'on', archive_command: 'cp %p /archive/vault/%f' }

function started(settings: Record<string, string> = copy, version: Version = 15): { play: Play; server: Server } {
  const play = new Play()
  const server = play.primary(version, settings)
  server.shell.mount('/archive/vault', new Archive('directory'))
  server.start()
  play.until(second)
  return { play, server }
}

/** Ends so many segments with something in them. */
function fill(server: Server, segments: number): void {
  const { environment, shared } = server
  environment.host.fork('writer', function* (me) {
    for (let count = 0; count < segments; count++) {
      const record = shared.wal.begin(0, 0x20, 0)
      record.data.u64(count)
      shared.wal.insert(me, record)
      yield* shared.wal.switchSegment(me)
    }
  })
}

function archiver(server: Server): { readonly pid: number; readonly title: string } | undefined {
  return server.processesAlive().find(process => process.type === 'archiver')
}

function statusFiles(server: Server): string[] {
  const directory = 'pg_wal/archive_status/'
  return server.environment.pgWal.list(directory).map(path => path.slice(directory.length))
}

/** What the archiver and the postmaster have said since then. */
function said(play: Play, from: number): string[] {
  return play.log('primary', from).filter(line => /^\[(archiver|postmaster)\]/.test(line))
}

const segment = (number: number) => `00000001000000000000000${number}`

const fails = (name: string, command: string) => [
  '[archiver] LOG: archive command failed with exit code 1',
  `[archiver] DETAIL: The failed archive command was: ${command.replace('%p', `pg_wal/${name}`).replace('%f', name)}`,
]
const givesUp = (name: string) =>
  `[archiver] WARNING: archiving write-ahead log file "${name}" failed too many times, will try again later`

describe('archiving', () => {
  test('a finished segment is copied, and said to be done', () => {
    const { play, server } = started()
    expect(archiver(server)?.title).toBe('postgres: archiver ')
    fill(server, 1)
    play.until(2 * second)
    expect(statusFiles(server)).toEqual([`${segment(1)}.done`])
    expect(archiver(server)?.title).toBe(`postgres: archiver last was ${segment(1)}`)
    expect(server.shell.archiveOf('/archive/vault/x').has(segment(1))).toBe(true)
  })

  test('three tries a second apart, then it waits for the next segment, and then archives the oldest first', () => {
    const { play, server } = started()
    server.shell.failing.add('archive_command')
    fill(server, 1)
    const from = play.trace.sequence
    play.until(1.5 * second)
    expect(archiver(server)?.title).toBe(`postgres: archiver failed on ${segment(1)}`)
    play.until(50 * second)
    const round = [1, 2, 3].flatMap(() => fails(segment(1), copy.archive_command))
    expect(said(play, from)).toEqual([...round, givesUp(segment(1))])
    fill(server, 1)
    play.until(55 * second)
    expect(said(play, from)).toEqual([...round, givesUp(segment(1)), ...round, givesUp(segment(1))])
    expect(statusFiles(server)).toEqual([`${segment(1)}.ready`, `${segment(2)}.ready`])
    expect(server.shared.archiverStatistics.failures).toMatchObject({ count: 6, last: { name: segment(1) } })
    server.shell.failing.delete('archive_command')
    // Nobody wakes it: it looks again after a minute.
    play.until(112 * second)
    expect(statusFiles(server)).toContain(`${segment(1)}.ready`)
    play.until(120 * second)
    expect(statusFiles(server)).toEqual([`${segment(1)}.done`, `${segment(2)}.done`])
    expect(server.shared.archiverStatistics.archives).toMatchObject({ count: 2, last: { name: segment(2) } })
  })

  test('what waits for the archiver is not removed by a checkpoint', () => {
    const { play, server } = started({ ...copy, archive_command: 'false', min_wal_size: '32MB' })
    const { pgWal, host } = server.environment
    fill(server, 3)
    play.until(8 * second)
    const checkpoint = () => host.fork('client', me => server.shared.requests.waitForCheckpoint(me, 0x0c))
    checkpoint()
    play.until(10 * second)
    expect([1, 2, 3].map(number => pgWal.exists(`pg_wal/${segment(number)}`))).toEqual([true, true, true])
    server.environment.settings.files.edit(new Map([['archive_command', 'true']]))
    server.postmaster?.signal('HUP')
    play.until(75 * second)
    checkpoint()
    play.until(80 * second)
    expect([1, 2, 3].map(number => pgWal.exists(`pg_wal/${segment(number)}`))).toEqual([false, false, false])
    expect(statusFiles(server)).toEqual([])
  })

  test('a segment that is gone is not waited for', () => {
    const { play, server } = started()
    server.environment.pgWal.create(`pg_wal/archive_status/${segment(0)}.ready`)
    const from = play.trace.sequence
    fill(server, 1)
    play.until(2 * second)
    expect(said(play, from)).toEqual([
      `[archiver] WARNING: removed orphan archive status file "pg_wal/archive_status/${segment(0)}.ready"`,
    ])
    expect(statusFiles(server)).toEqual([`${segment(1)}.done`])
  })

  test('histories of timelines go before all others', () => {
    const { play, server } = started({ ...copy, archive_command: 'false' })
    fill(server, 2)
    play.until(10 * second)
    const { pgWal } = server.environment
    pgWal.create('pg_wal/00000009.history')
    const done: string[] = []
    server.shared.wal.archiveStatus.notify(server.postmaster!, '00000009.history')
    server.environment.settings.files.edit(new Map([['archive_command', 'cp %p /archive/vault/%f']]))
    server.postmaster?.signal('HUP')
    for (let tick = 10 * second; tick < 20 * second; tick += 5 * millisecond) {
      play.until(tick)
      const { last } = server.shared.archiverStatistics.archives
      if (last && done.at(-1) !== last.name) done.push(last.name)
    }
    expect(done).toEqual(['00000009.history', segment(1), segment(2)])
  })

  test('archive_timeout ends a segment, unless nothing has happened in it', () => {
    const { play, server } = started({ ...copy, archive_timeout: '20s', checkpoint_timeout: '1h' })
    const { environment, shared } = server
    const write = () =>
      environment.host.fork('writer', function* (me) {
        yield* shared.wal.flush(me, shared.wal.insert(me, shared.wal.begin(0, 0x20, 0)))
      })
    write()
    // As on a real server: the checkpointer went to sleep while the server still recovered, when it had no such timeout.
    play.until(30 * second)
    expect(statusFiles(server)).toEqual([])
    environment.host.fork('client', me => shared.requests.waitForCheckpoint(me, 0x0c))
    play.until(32 * second)
    expect(statusFiles(server)).toEqual([`${segment(1)}.done`])
    play.until(100 * second)
    expect(statusFiles(server)).toEqual([`${segment(1)}.done`])
    write()
    play.until(121 * second)
    expect(statusFiles(server)).toEqual([`${segment(1)}.done`, `${segment(2)}.done`])
  })

  test.each([
    [15, 'archive_mode enabled, yet archiving is not configured', undefined],
    [17, '"archive_mode" enabled, yet archiving is not configured', 'archive_command is not set.'],
    [18, '"archive_mode" enabled, yet archiving is not configured', '"archive_command" is not set.'],
  ] as const)('%i without a command', (version, message, detail) => {
    const { play, server } = started({ archive_mode: 'on' }, version)
    const from = play.trace.sequence
    fill(server, 1)
    play.until(2 * second)
    expect(said(play, from)).toEqual([
      `[archiver] WARNING: ${message}`,
      ...(detail ? [`[archiver] DETAIL: ${detail}`] : []),
    ])
  })
})

describe('its end', () => {
  test('a command that does not exist ends it; it is started again at most every ten seconds, if somebody comes', () => {
    const { play, server } = started({ ...copy, archive_command: 'nonesuch %p' })
    const from = play.trace.sequence
    fill(server, 1)
    play.until(9 * second)
    const fatal = [
      '[archiver] FATAL: archive command failed with exit code 127',
      `[archiver] DETAIL: The failed archive command was: nonesuch pg_wal/${segment(1)}`,
    ]
    expect(said(play, from)).toEqual(fatal)
    expect(archiver(server)).toBeUndefined()
    new Client(play, 'primary')
    play.until(12 * second)
    expect(said(play, from)).toEqual(fatal)
    new Client(play, 'primary')
    play.until(13 * second)
    expect(said(play, from)).toEqual([...fatal, ...fatal])
    expect(server.shared.archiverStatistics.failures.count).toBe(0)
  })

  test('after an early crash cycle there is none until ten seconds have passed and the postmaster wakes', () => {
    const { play, server } = started()
    play.until(5 * second)
    server.environment.host.kill(server.processesAlive().find(({ type }) => type === 'walwriter')!.pid, 'KILL')
    play.until(7 * second)
    expect(server.accepting).toBe('writes')
    expect(archiver(server)).toBeUndefined()
    play.until(15 * second)
    expect(archiver(server)).toBeUndefined()
    new Client(play, 'primary')
    play.until(16 * second)
    expect(archiver(server)).toBeDefined()
  })

  test('killed, it takes the others along; later than ten seconds after its start it is there at once', () => {
    const { play, server } = started()
    play.until(15 * second)
    const from = play.trace.sequence
    const { pid } = archiver(server)!
    server.environment.host.kill(pid, 'KILL')
    play.until(16 * second)
    expect(said(play, from)).toEqual([
      `[postmaster] LOG: archiver process (PID ${pid}) was terminated by signal 9: Killed`,
      '[postmaster] LOG: terminating any other active server processes',
      '[postmaster] LOG: all server processes terminated; reinitializing',
      '[postmaster] LOG: database system is ready to accept connections',
    ])
    expect(archiver(server)).toBeDefined()
  })

  test('a crash cycle ends the command that runs, and the archiver says so', () => {
    const { play, server } = started()
    server.shell.mount('/archive/vault', new Archive('object-store', { latency: 4 * second }))
    fill(server, 1)
    play.until(2 * second)
    const from = play.trace.sequence
    server.environment.host.kill(server.processesAlive().find(({ type }) => type === 'bgwriter')!.pid, 'KILL')
    play.until(3 * second)
    expect(said(play, from).slice(1, 4)).toEqual([
      '[postmaster] LOG: terminating any other active server processes',
      '[archiver] FATAL: archive command was terminated by signal 3: Quit',
      `[archiver] DETAIL: The failed archive command was: cp pg_wal/${segment(1)} /archive/vault/${segment(1)}`,
    ])
  })

  test.each([15, 18] as const)('%i: a shutdown archives everything but its own checkpoint', version => {
    const { play, server } = started(copy, version)
    const { shared } = server
    server.environment.host.fork('writer', function* (me) {
      yield* shared.wal.flush(me, shared.wal.insert(me, shared.wal.begin(0, 0x20, 0)))
    })
    play.until(2 * second)
    server.postmaster?.signal('INT')
    play.until(4 * second)
    expect(server.isUp).toBe(false)
    expect(server.shell.archiveOf('/archive/vault/x').has(segment(1))).toBe(true)
    expect(statusFiles(server).filter(name => name.endsWith('.ready'))).toEqual([])
    expect(server.environment.pgWal.exists(`pg_wal/${segment(2)}`)).toBe(true)
  })
})

describe('commands', () => {
  test.each([
    ['true', true],
    ['/bin/false', true],
    ['cp %p /mnt/server/archive/%f', true],
    ['test ! -f /mnt/server/archive/%f && cp %p /mnt/server/archive/%f', true],
    ['cp "%p" "/mnt/server/archive/%f"', true],
    ['aws s3 cp %p s3://vault/%f', false],
    ['cp %p', false],
    ['true; true', false],
  ])('%s', (command, known) => {
    expect(understands(command)).toBe(known)
  })

  test('a file that is there already is not copied over, if the command looks first', () => {
    const command = 'test ! -f /archive/vault/%f && cp %p /archive/vault/%f'
    const { play, server } = started({ ...copy, archive_command: command })
    server.shell.archiveOf('/archive/vault/x').add(segment(1), new File())
    const from = play.trace.sequence
    fill(server, 1)
    play.until(1.5 * second)
    const filled = command.replaceAll('%f', segment(1)).replace('%p', `pg_wal/${segment(1)}`)
    expect(said(play, from)).toEqual(fails(segment(1), filled))
  })
})
