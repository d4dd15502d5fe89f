// What a command is called where one kind of tree stands for several. Mirrors CreateCommandTag of utility.c.

import type { AlterTableStmt, CreateTableAsStmt, DropStmt, RenameStmt } from '@pgsql/types'

export function tagOfDrop({ removeType }: DropStmt): string {
  return `DROP ${nameOf(removeType)}`
}

export function tagOfRename({ renameType }: RenameStmt): string {
  return `ALTER ${nameOf(renameType)}`
}

/** Indexes are altered by the same statement as tables. */
export function tagOfAlter({ objtype }: AlterTableStmt): string {
  return `ALTER ${nameOf(objtype)}`
}

export function tagOfTableAs({ is_select_into: isSelectInto }: CreateTableAsStmt): string {
  return isSelectInto ? 'SELECT INTO' : 'CREATE TABLE AS'
}

/** OBJECT_TABLE: TABLE. */
function nameOf(objectType = ''): string {
  return objectType.replace('OBJECT_', '')
}
