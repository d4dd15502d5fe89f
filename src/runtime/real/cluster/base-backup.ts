// A standby's data directory, as pg_basebackup --write-recovery-conf makes it: a copy of the running primary between
// pg_backup_start and pg_backup_stop, with the WAL that it needs to become consistent.

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { OwnConnection } from './own-connection.ts'
import type { RealServer } from './server.ts'

/** What belongs to the running server alone: files, and folders whose files do. */
const excludedFiles = ['postmaster.pid', 'postmaster.opts', 'current_logfiles']
const excludedContents = [
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]
/** Folders in them that a server expects to find. */
const kept = new Set(['archive_status', 'summaries'])

/** Makes the data directories of these servers from that of the primary, which runs. */
export async function takeBaseBackup(
  primary: RealServer,
  connection: OwnConnection,
  standbys: readonly RealServer[],
): Promise<void> {
  const begun = await connection.rows("select pg_walfile_name(pg_backup_start('pg_basebackup base backup', true))")
  for (const standby of standbys) await copy(primary, standby)
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

async function copy(primary: RealServer, standby: RealServer): Promise<void> {
  await run(standby, 'cp', ['-a', primary.dataFolder, standby.dataFolder])
  for (const name of excludedFiles) rmSync(join(standby.dataFolder, name), { force: true })
  for (const folder of excludedContents) {
    const path = join(standby.dataFolder, folder)
    for (const name of readdirSync(path)) if (!kept.has(name)) rmSync(join(path, name), { recursive: true })
  }
}

async function run(server: RealServer, program: string, parameters: readonly string[]): Promise<void> {
  const complaint = await server.runProgram(program, parameters)
  if (complaint !== undefined) throw new Error(complaint)
}
