// pg_control_checkpoint(), pg_control_recovery(), pg_control_system() and pg_control_init(): what pg_control says.

import { booleanType } from '../catalog/types/boolean.ts'
import { lsnType, oidType, xidType } from '../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../catalog/types/integer.ts'
import { textType } from '../catalog/types/text.ts'
import { timestamptzType } from '../catalog/types/timestamp.ts'
import type { Type, Value } from '../catalog/types/type.ts'
import { timestampOf } from '../shared/timestamp.ts'
import { versionFacts } from '../shared/versions.ts'
import type { SqlServer } from '../sql/context.ts'
import type { SystemView } from '../sql/system-view.ts'
import { compiledSizes, formatVersions } from '../wal/control-file.ts'
import { segmentName, segmentOf } from '../wal/lsn.ts'

interface Field {
  readonly name: string
  readonly type: Type
  readonly since?: number
  readonly value: (server: SqlServer) => Value
}

/** One row, of one value a field. */
function controlFunction(name: string, fields: readonly Field[]): SystemView {
  return {
    name: `${name}()`,
    columns: fields.map(({ value, ...column }) => column),
    rows: ({ session: { server } }) => [fields.map(({ value }) => value(server))],
  }
}

const data = ({ controlFile }: SqlServer) => controlFile.data
const checkPoint = (server: SqlServer) => data(server).checkPointCopy
/** The file has whole seconds. */
const timeOf = (nanoseconds: number) => Math.floor(timestampOf(nanoseconds) / 1_000_000) * 1_000_000
/** Transaction ids are stored with their epoch. */
const epochAndXid = (xid: number) => `${Math.floor(xid / 0x1_0000_0000)}:${xid % 0x1_0000_0000}`

const size = (name: keyof typeof compiledSizes): Field => ({ name, type: int4Type, value: () => compiledSizes[name] })

export const pgControlCheckpoint = controlFunction('pg_control_checkpoint', [
  { name: 'checkpoint_lsn', type: lsnType, value: server => data(server).checkPoint },
  { name: 'redo_lsn', type: lsnType, value: server => checkPoint(server).redo },
  {
    name: 'redo_wal_file',
    type: textType,
    value: server => segmentName(checkPoint(server).timeline, segmentOf(checkPoint(server).redo)),
  },
  { name: 'timeline_id', type: int4Type, value: server => checkPoint(server).timeline },
  { name: 'prev_timeline_id', type: int4Type, value: server => checkPoint(server).previousTimeline },
  { name: 'full_page_writes', type: booleanType, value: server => checkPoint(server).fullPageWrites },
  { name: 'next_xid', type: textType, value: server => epochAndXid(checkPoint(server).nextXid) },
  { name: 'next_oid', type: oidType, value: server => checkPoint(server).nextOid },
  { name: 'next_multixact_id', type: xidType, value: server => checkPoint(server).nextMulti },
  { name: 'next_multi_offset', type: xidType, value: server => checkPoint(server).nextMultiOffset },
  { name: 'oldest_xid', type: xidType, value: server => checkPoint(server).oldestXid },
  { name: 'oldest_xid_dbid', type: oidType, value: server => checkPoint(server).oldestXidDatabase },
  { name: 'oldest_active_xid', type: xidType, value: server => checkPoint(server).oldestActiveXid },
  { name: 'oldest_multi_xid', type: xidType, value: server => checkPoint(server).oldestMulti },
  { name: 'oldest_multi_dbid', type: oidType, value: server => checkPoint(server).oldestMultiDatabase },
  // Nobody tracks commit timestamps here.
  { name: 'oldest_commit_ts_xid', type: xidType, value: () => 0 },
  { name: 'newest_commit_ts_xid', type: xidType, value: () => 0 },
  { name: 'checkpoint_time', type: timestamptzType, value: server => timeOf(checkPoint(server).time) },
])

export const pgControlRecovery = controlFunction('pg_control_recovery', [
  { name: 'min_recovery_end_lsn', type: lsnType, value: server => data(server).minRecoveryPoint },
  { name: 'min_recovery_end_timeline', type: int4Type, value: server => data(server).minRecoveryPointTimeline },
  { name: 'backup_start_lsn', type: lsnType, value: server => data(server).backupStartPoint },
  { name: 'backup_end_lsn', type: lsnType, value: server => data(server).backupEndPoint },
  { name: 'end_of_backup_record_required', type: booleanType, value: server => data(server).backupEndRequired },
])

export const pgControlSystem = controlFunction('pg_control_system', [
  {
    name: 'pg_control_version',
    type: int4Type,
    value: ({ environment }) => formatVersions(environment.version).control,
  },
  {
    name: 'catalog_version_no',
    type: int4Type,
    value: ({ environment }) => formatVersions(environment.version).catalog,
  },
  { name: 'system_identifier', type: int8Type, value: server => data(server).systemIdentifier },
  { name: 'pg_control_last_modified', type: timestamptzType, value: server => timeOf(data(server).time) },
])

export const pgControlInit = controlFunction('pg_control_init', [
  size('max_data_alignment'),
  size('database_block_size'),
  size('blocks_per_segment'),
  size('wal_block_size'),
  size('bytes_per_wal_segment'),
  size('max_identifier_length'),
  size('max_index_columns'),
  size('max_toast_chunk_size'),
  size('large_object_chunk_size'),
  { name: 'float8_pass_by_value', type: booleanType, value: () => true },
  {
    name: 'data_page_checksum_version',
    type: int4Type,
    value: ({ environment }) => (versionFacts(environment.version).checksums ? 1 : 0),
  },
  { name: 'default_char_signedness', type: booleanType, since: 18, value: () => true },
])
