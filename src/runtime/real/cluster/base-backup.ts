// A standby's data directory, as pg_basebackup --write-recovery-conf makes it: a copy of the running primary between
// pg_backup_start and pg_backup_stop, with the WAL that it needs to become consistent.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Ordered, RequestOf } from '../../engine.ts'
import type { OwnConnection } from './own-connection.ts'
import type { RealServer } from './server.ts'

/** What belongs to the running server alone: files, and folders whose files do. */
const excludedFiles = ['postmaster.pid', 'postmaster.opts', 'current_logfiles']
const excludedContents = [
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]
/** Makes the data directories of these servers from that of the primary, which runs. */
export async function takeBaseBackup(
  primary: RealServer,
  connection: OwnConnection,
  standbys: readonly RealServer[],
  walFolderOf: (node: string) => string | undefined,
): Promise<void> {
  const begun = await connection.rows("select pg_walfile_name(pg_backup_start('pg_basebackup base backup', true))")
  for (const standby of standbys) await copy(primary, standby, walFolderOf(standby.name))
  const [[label, last]] = await connection.rows('select labelfile, pg_walfile_name(lsn) from pg_backup_stop(false)')
  const segments = readdirSync(join(primary.dataFolder, 'pg_wal'))
    .filter(name => /^[0-9A-F]{24}$/.test(name) && name >= begun[0][0]! && name <= last!)
    .map(name => join(primary.dataFolder, 'pg_wal', name))
  for (const standby of standbys) {
    await run(standby, 'cp', ['-a', ...segments, join(standby.dataFolder, 'pg_wal')])
    standby.write('backup_label', label!)
    standby.write('standby.signal', '')
  }
}

/** `walFolder`: where the standby's pg_wal is to lie, if not in its data directory. */
async function copy(primary: RealServer, standby: RealServer, walFolder: string | undefined): Promise<void> {
  await copyFiles(primary, standby, standby.dataFolder)
  if (walFolder === undefined) return
  const wal = join(standby.dataFolder, 'pg_wal')
  await run(standby, 'cp', ['-a', `${wal}/.`, walFolder])
  await run(standby, 'rm', ['-rf', wal])
  await run(standby, 'ln', ['-s', walFolder, wal])
}

/** All that belongs into a copy, without WAL. `as`: whose programs copy. */
async function copyFiles(primary: RealServer, as: RealServer, folder: string): Promise<void> {
  await run(as, 'mkdir', ['-p', '-m', '700', folder])
  const complaint = await as.runProgram('cp', ['-a', `${primary.dataFolder}/.`, folder])
  // Files may go while they are copied: that is no failure.
  if (complaint?.split('\n').some(line => !line.endsWith('No such file or directory'))) throw new Error(complaint)
  // The primary's may be a link to a file system of its own.
  const wal = join(folder, 'pg_wal')
  await run(as, 'rm', ['-rf', wal])
  // A server of 17 and later has the second as well, and says so if it must make what it misses.
  const parts = ['archive_status', 'summaries'].filter(part => existsSync(join(primary.dataFolder, 'pg_wal', part)))
  await run(as, 'mkdir', ['-p', '-m', '700', wal, ...parts.map(part => join(wal, part))])
  for (const name of excludedFiles) rmSync(join(folder, name), { force: true })
  for (const each of excludedContents) {
    const path = join(folder, each)
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true })
  }
}

/** Copies a server into a folder; done when its archive has the WAL that the copy needs. Gives what went wrong. */
export async function backUp(server: RealServer, connection: OwnConnection, folder: string): Promise<Ordered> {
  return connection.inOneSession(async () => {
    const begun = await connection.query("select pg_backup_start('pg_basebackup base backup', true)")
    if ('failure' in begun) return { refused: begun.failure }
    const unfinished = `${folder}.unfinished`
    await run(server, 'rm', ['-rf', unfinished])
    await copyFiles(server, server, unfinished)
    const stopped = await connection.query('select labelfile from pg_backup_stop(true)')
    if ('failure' in stopped) return { refused: stopped.failure }
    server.write('backup_label', stopped.rows[0][0]!, unfinished)
    await run(server, 'rm', ['-rf', folder])
    await run(server, 'mv', [unfinished, folder])
    return {}
  })
}

/** Makes a server's data directory from such a copy. */
export async function restoreFrom(
  server: RealServer,
  folder: string,
  { keepsLabel, signal }: Pick<RequestOf<'restore'>, 'keepsLabel' | 'signal'>,
): Promise<void> {
  await run(server, 'rm', ['-rf', server.dataFolder])
  await run(server, 'cp', ['-a', folder, server.dataFolder])
  if (!keepsLabel) rmSync(join(server.dataFolder, 'backup_label'))
  if (signal !== 'none') server.write(`${signal}.signal`, '')
}

async function run(server: RealServer, program: string, parameters: readonly string[]): Promise<void> {
  const complaint = await server.runProgram(program, parameters)
  if (complaint !== undefined) throw new Error(complaint)
}
