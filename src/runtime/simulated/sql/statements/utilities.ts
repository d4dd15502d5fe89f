// Statements that are not planned, by the kind of their tree. A new one is a function and a line here; what is in no
// list is refused by name.

import type { Node } from '@pgsql/types'
import { kindOf } from '../analysis/tree.ts'
import { alterDatabase } from './alter-database.ts'
import { alterSubscription } from './alter-subscription.ts'
import { alterTable } from './alter-table.ts'
import { tagOfAlter, tagOfDrop, tagOfRename, tagOfTableAs } from './command-tags.ts'
import { createDatabase } from './create-database.ts'
import { createIndex } from './create-index.ts'
import { createSequence } from './create-sequence.ts'
import { createTable } from './create-table.ts'
import { createTableAs } from './create-table-as.ts'
import { closeCursor, fetch } from './cursors.ts'
import { drop } from './drop.ts'
import { dropDatabase } from './drop-database.ts'
import { createExtension } from './extensions.ts'
import { checkpoint, deallocate, lockTable, prepareStatement } from './maintenance.ts'
import { listen, notify, unlisten } from './notify.ts'
import { alterPublication, createPublication } from './publications.ts'
import { reindex } from './reindex.ts'
import { rename } from './rename.ts'
import { alterSystem, set, show } from './settings.ts'
import type { UtilityStatement } from './statement.ts'
import { createSubscription, dropSubscription } from './subscriptions.ts'
import { createTablespace, dropTablespace } from './tablespaces.ts'
import { runTransaction } from './transaction.ts'
import { truncate } from './truncate.ts'
import { vacuum } from './vacuum.ts'

export interface Utility {
  readonly run: UtilityStatement
  readonly needsCatalog?: boolean
  /** What a read-only transaction may not do, as its message calls it: the tag of the command. */
  // biome-ignore lint/suspicious/noExplicitAny: each statement has a tree of its own shape.
  readonly writes?: string | ((tree: any) => string)
}

const utilities: Readonly<Record<string, Utility>> = {
  TransactionStmt: { run: runTransaction },
  VariableSetStmt: { run: set },
  VariableShowStmt: { run: show },
  AlterSystemStmt: { run: alterSystem },
  CreateStmt: { run: createTable, needsCatalog: true, writes: 'CREATE TABLE' },
  CreateTableAsStmt: { run: createTableAs, needsCatalog: true, writes: tagOfTableAs },
  IndexStmt: { run: createIndex, needsCatalog: true, writes: 'CREATE INDEX' },
  CreateSeqStmt: { run: createSequence, needsCatalog: true, writes: 'CREATE SEQUENCE' },
  CreateTableSpaceStmt: { run: createTablespace, needsCatalog: true, writes: 'CREATE TABLESPACE' },
  DropTableSpaceStmt: { run: dropTablespace, needsCatalog: true, writes: 'DROP TABLESPACE' },
  RenameStmt: { run: rename, needsCatalog: true, writes: tagOfRename },
  DropStmt: { run: drop, needsCatalog: true, writes: tagOfDrop },
  TruncateStmt: { run: truncate, needsCatalog: true, writes: 'TRUNCATE TABLE' },
  CheckPointStmt: { run: checkpoint },
  LockStmt: { run: lockTable, needsCatalog: true },
  PrepareStmt: { run: prepareStatement },
  CreatedbStmt: { run: createDatabase, writes: 'CREATE DATABASE' },
  DropdbStmt: { run: dropDatabase, writes: 'DROP DATABASE' },
  AlterDatabaseStmt: { run: alterDatabase, writes: 'ALTER DATABASE' },
  ReindexStmt: { run: reindex, needsCatalog: true },
  VacuumStmt: { run: vacuum, needsCatalog: true },
  AlterTableStmt: { run: alterTable, needsCatalog: true, writes: tagOfAlter },
  CreateExtensionStmt: { run: createExtension, needsCatalog: true, writes: 'CREATE EXTENSION' },
  CreatePublicationStmt: { run: createPublication, needsCatalog: true, writes: 'CREATE PUBLICATION' },
  AlterPublicationStmt: { run: alterPublication, needsCatalog: true, writes: 'ALTER PUBLICATION' },
  CreateSubscriptionStmt: { run: createSubscription, needsCatalog: true, writes: 'CREATE SUBSCRIPTION' },
  AlterSubscriptionStmt: { run: alterSubscription, needsCatalog: true, writes: 'ALTER SUBSCRIPTION' },
  DropSubscriptionStmt: { run: dropSubscription, needsCatalog: true, writes: 'DROP SUBSCRIPTION' },
  DeallocateStmt: { run: deallocate },
  ListenStmt: { run: listen },
  NotifyStmt: { run: notify },
  UnlistenStmt: { run: unlisten },
  FetchStmt: { run: fetch },
  ClosePortalStmt: { run: closeCursor },
}

/** By the kind of the statement's tree. */
export function utilityOf(kind: string): Utility | undefined {
  return utilities[kind]
}

const planned = ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'ExecuteStmt', 'DeclareCursorStmt']

/** Whether pgdrill plays this kind of statement at all. */
export function isPlayed(node: Node): boolean {
  const kind = kindOf(node)
  return utilityOf(kind) !== undefined || planned.includes(kind)
}
