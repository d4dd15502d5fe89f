// The system catalogs that are kept, with PostgreSQL's names, oids and columns (those whose types pgdrill has). Their
// own shape is known without reading them, so that everything else can be read from them.

import type { Attribute, Datum, TupleDescriptor } from '../access/tuple-descriptor.ts'
import { int2ArrayType, int2vectorType, oidArrayType, textArrayType } from './types/array.ts'
import { booleanType } from './types/boolean.ts'
import { float4Type } from './types/float.ts'
import { lsnType, oidType, xidType } from './types/identifiers.ts'
import { int2Type, int4Type, int8Type } from './types/integer.ts'
import { charType, nameType, nodeTreeType, textType } from './types/text.ts'
import type { Type } from './types/type.ts'

export const catalogNamespace = 11
export const publicNamespace = 2200

/** Of the schemas there are. */
export function namespaceName(oid: number): string {
  return oid === publicNamespace ? 'public' : 'pg_catalog'
}

/** Of the role that owns everything. */
export const bootstrapRole = 10
export const heapAccessMethod = 2
export const btreeAccessMethod = 403

export interface CatalogColumn {
  readonly name: string
  readonly type: Type
  readonly notNull: boolean
}

export class CatalogTableDefinition {
  readonly oid: number
  readonly name: string
  readonly columns: readonly CatalogColumn[]
  readonly descriptor: TupleDescriptor
  /** All databases have it in common: its file is in global/. */
  readonly isShared: boolean
  private readonly positions: ReadonlyMap<string, number>

  constructor(
    oid: number,
    name: string,
    columns: Readonly<Record<string, Type>>,
    more: { readonly nullable?: readonly string[]; readonly isShared?: boolean } = {},
  ) {
    const { nullable = [], isShared = false } = more
    this.oid = oid
    this.name = name
    this.columns = Object.entries(columns).map(([column, type]) => ({
      name: column,
      type,
      notNull: !nullable.includes(column),
    }))
    this.descriptor = { attributes: this.columns.map(attributeOf) }
    this.isShared = isShared
    this.positions = new Map(this.columns.map((column, index) => [column.name, index]))
  }

  /** The place of a column in a row. */
  at(column: string): number {
    const position = this.positions.get(column)
    if (position === undefined) throw new Error(`${this.name} has no column ${column}`)
    return position
  }

  /** A row from its fields; those that are missing are null, or the empty value of their type. */
  row(fields: Readonly<Record<string, Datum>>): Datum[] {
    for (const name of Object.keys(fields)) this.at(name)
    return this.columns.map(column => fields[column.name] ?? (column.notNull ? emptyValue(column.type) : null))
  }
}

function attributeOf({ name, type }: CatalogColumn): Attribute {
  return { name, typeId: type.oid, type }
}

function emptyValue(type: Type): Datum {
  if (type === booleanType) return false
  return type.category === 'S' || type === charType ? '' : 0
}

export const pgClass = new CatalogTableDefinition(
  1259,
  'pg_class',
  {
    oid: oidType,
    relname: nameType,
    relnamespace: oidType,
    reltype: oidType,
    reloftype: oidType,
    relowner: oidType,
    relam: oidType,
    relfilenode: oidType,
    reltablespace: oidType,
    relpages: int4Type,
    reltuples: float4Type,
    relallvisible: int4Type,
    reltoastrelid: oidType,
    relhasindex: booleanType,
    relisshared: booleanType,
    relpersistence: charType,
    relkind: charType,
    relnatts: int2Type,
    relchecks: int2Type,
    relhasrules: booleanType,
    relhastriggers: booleanType,
    relhassubclass: booleanType,
    relrowsecurity: booleanType,
    relforcerowsecurity: booleanType,
    relispopulated: booleanType,
    relreplident: charType,
    relispartition: booleanType,
    relrewrite: oidType,
    relfrozenxid: xidType,
    relminmxid: xidType,
    reloptions: textArrayType,
  },
  { nullable: ['reloptions'] },
)

export const pgAttribute = new CatalogTableDefinition(
  1249,
  'pg_attribute',
  {
    attrelid: oidType,
    attname: nameType,
    atttypid: oidType,
    attstattarget: int4Type,
    attlen: int2Type,
    attnum: int2Type,
    attndims: int4Type,
    attcacheoff: int4Type,
    atttypmod: int4Type,
    attbyval: booleanType,
    attalign: charType,
    attstorage: charType,
    attcompression: charType,
    attnotnull: booleanType,
    atthasdef: booleanType,
    atthasmissing: booleanType,
    attidentity: charType,
    attgenerated: charType,
    attisdropped: booleanType,
    attislocal: booleanType,
    attinhcount: int4Type,
    attcollation: oidType,
    attmissingval: textArrayType,
  },
  { nullable: ['attmissingval'] },
)

export const pgType = new CatalogTableDefinition(1247, 'pg_type', {
  oid: oidType,
  typname: nameType,
  typnamespace: oidType,
  typowner: oidType,
  typlen: int2Type,
  typbyval: booleanType,
  typtype: charType,
  typcategory: charType,
  typispreferred: booleanType,
  typisdefined: booleanType,
  typdelim: charType,
  typrelid: oidType,
  typelem: oidType,
  typarray: oidType,
  typalign: charType,
  typstorage: charType,
  typnotnull: booleanType,
  typbasetype: oidType,
  typtypmod: int4Type,
  typndims: int4Type,
  typcollation: oidType,
})

export const pgNamespace = new CatalogTableDefinition(2615, 'pg_namespace', {
  oid: oidType,
  nspname: nameType,
  nspowner: oidType,
})

export const pgIndex = new CatalogTableDefinition(
  2610,
  'pg_index',
  {
    indexrelid: oidType,
    indrelid: oidType,
    indnatts: int2Type,
    indnkeyatts: int2Type,
    indisunique: booleanType,
    indnullsnotdistinct: booleanType,
    indisprimary: booleanType,
    indisexclusion: booleanType,
    indimmediate: booleanType,
    indisclustered: booleanType,
    indisvalid: booleanType,
    indcheckxmin: booleanType,
    indisready: booleanType,
    indislive: booleanType,
    indisreplident: booleanType,
    indkey: int2vectorType,
    indoption: int2vectorType,
    indexprs: nodeTreeType,
    indpred: nodeTreeType,
  },
  { nullable: ['indexprs', 'indpred'] },
)

export const pgAttrdef = new CatalogTableDefinition(2604, 'pg_attrdef', {
  oid: oidType,
  adrelid: oidType,
  adnum: int2Type,
  adbin: nodeTreeType,
})

export const pgConstraint = new CatalogTableDefinition(
  2606,
  'pg_constraint',
  {
    oid: oidType,
    conname: nameType,
    connamespace: oidType,
    contype: charType,
    condeferrable: booleanType,
    condeferred: booleanType,
    convalidated: booleanType,
    conrelid: oidType,
    contypid: oidType,
    conindid: oidType,
    conparentid: oidType,
    confrelid: oidType,
    confupdtype: charType,
    confdeltype: charType,
    confmatchtype: charType,
    conislocal: booleanType,
    coninhcount: int4Type,
    connoinherit: booleanType,
    conkey: int2ArrayType,
    conbin: nodeTreeType,
  },
  { nullable: ['conkey', 'conbin'] },
)

export const pgSequence = new CatalogTableDefinition(2224, 'pg_sequence', {
  seqrelid: oidType,
  seqtypid: oidType,
  seqstart: int8Type,
  seqincrement: int8Type,
  seqmax: int8Type,
  seqmin: int8Type,
  seqcache: int8Type,
  seqcycle: booleanType,
})

/** Which object cannot be without which; as far as it says which sequence belongs to which column. */
export const pgDepend = new CatalogTableDefinition(2608, 'pg_depend', {
  classid: oidType,
  objid: oidType,
  objsubid: int4Type,
  refclassid: oidType,
  refobjid: oidType,
  refobjsubid: int4Type,
  deptype: charType,
})

export const pgExtension = new CatalogTableDefinition(
  3079,
  'pg_extension',
  {
    oid: oidType,
    extname: nameType,
    extowner: oidType,
    extnamespace: oidType,
    extrelocatable: booleanType,
    extversion: textType,
    extconfig: oidArrayType,
    extcondition: textArrayType,
  },
  { nullable: ['extconfig', 'extcondition'] },
)

export const pgPublication = new CatalogTableDefinition(6104, 'pg_publication', {
  oid: oidType,
  pubname: nameType,
  pubowner: oidType,
  puballtables: booleanType,
  pubinsert: booleanType,
  pubupdate: booleanType,
  pubdelete: booleanType,
  pubtruncate: booleanType,
  pubviaroot: booleanType,
})

export const pgPublicationRel = new CatalogTableDefinition(6106, 'pg_publication_rel', {
  oid: oidType,
  prpubid: oidType,
  prrelid: oidType,
})

export const pgSubscription = new CatalogTableDefinition(
  6100,
  'pg_subscription',
  {
    oid: oidType,
    subdbid: oidType,
    subskiplsn: lsnType,
    subname: nameType,
    subowner: oidType,
    subenabled: booleanType,
    subbinary: booleanType,
    subtwophasestate: charType,
    subdisableonerr: booleanType,
    subconninfo: textType,
    subslotname: nameType,
    subsynccommit: textType,
    subpublications: textArrayType,
  },
  { nullable: ['subslotname'], isShared: true },
)

export const pgSubscriptionRel = new CatalogTableDefinition(
  6102,
  'pg_subscription_rel',
  { srsubid: oidType, srrelid: oidType, srsubstate: charType, srsublsn: lsnType },
  { nullable: ['srsublsn'] },
)

export const pgReplicationOrigin = new CatalogTableDefinition(
  6000,
  'pg_replication_origin',
  { roident: oidType, roname: textType },
  { isShared: true },
)

export const pgTablespace = new CatalogTableDefinition(
  1213,
  'pg_tablespace',
  { oid: oidType, spcname: nameType, spcowner: oidType, spcoptions: textArrayType },
  { nullable: ['spcoptions'], isShared: true },
)

export const pgDatabase = new CatalogTableDefinition(
  1262,
  'pg_database',
  {
    oid: oidType,
    datname: nameType,
    datdba: oidType,
    encoding: int4Type,
    datlocprovider: charType,
    datistemplate: booleanType,
    datallowconn: booleanType,
    datconnlimit: int4Type,
    datfrozenxid: xidType,
    datminmxid: xidType,
    dattablespace: oidType,
    datcollate: textType,
    datctype: textType,
    datcollversion: textType,
  },
  { nullable: ['datcollversion'], isShared: true },
)

/** Those that pg_class and pg_attribute have rows of. */
export const describedCatalogs: readonly CatalogTableDefinition[] = [
  pgType,
  pgAttribute,
  pgClass,
  pgAttrdef,
  pgConstraint,
  pgIndex,
  pgSequence,
  pgDepend,
  pgNamespace,
]

export const catalogTables: readonly CatalogTableDefinition[] = [
  ...describedCatalogs,
  pgPublication,
  pgPublicationRel,
  pgSubscription,
  pgSubscriptionRel,
  pgReplicationOrigin,
  pgTablespace,
  pgExtension,
  pgDatabase,
]
