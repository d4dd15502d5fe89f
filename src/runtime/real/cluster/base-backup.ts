// A standby's data directory, as pg_basebackup --write-recovery-conf makes it: a copy of the running primary between
// pg_backup_start and pg_backup_stop, with the WAL that it needs to become consistent.

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
  await run(standby, 'mkdir', ['-p', '-m', '700', standby.dataFolder])
  await run(standby, 'cp', ['-a', `${primary.dataFolder}/.`, standby.dataFolder])
  // The primary's may be a link to a file system of its own.
  const wal = join(standby.dataFolder, 'pg_wal')
  await run(standby, 'rm', ['-rf', wal])
  if (walFolder !== undefined) await run(standby, 'ln', ['-s', walFolder, wal])
  // A server of 17 and later has the second as well, and says so if it must make what it misses.
  const parts = ['archive_status', 'summaries'].filter(part => existsSync(join(primary.dataFolder, 'pg_wal', part)))
  await run(standby, 'mkdir', ['-p', '-m', '700', ...parts.map(part => join(wal, part))])
  for (const name of excludedFiles) rmSync(join(standby.dataFolder, name), { force: true })
  for (const folder of excludedContents) {
    const path = join(standby.dataFolder, folder)
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true })
  }
}

async function run(server: RealServer, program: string, parameters: readonly string[]): Promise<void> {
  const complaint = await server.runProgram(program, parameters)
  if (complaint !== undefined) throw new Error(complaint)
}
