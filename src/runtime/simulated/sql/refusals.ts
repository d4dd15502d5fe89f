// Clauses that PostgreSQL has and pgdrill does not play yet, by the kind of the node that carries them. The analysis
// refuses them too, when a statement runs; this list finds them in a scenario before it does.

import { playedExtension } from './played-extension.ts'
import { isPlayedCommand } from './statements/alter-table.ts'
import { goesForward, unplayedCursors } from './statements/cursor-options.ts'
import { unplayedDatabaseOptions } from './statements/database-options.ts'
import { asksForUnplayed, unplayedOptions } from './statements/subscription-options.ts'

export interface Refusal {
  readonly what: string
  // biome-ignore lint/suspicious/noExplicitAny: each kind of node has a shape of its own.
  readonly when: (node: any, version: number) => boolean
  readonly help?: string
}

const always = () => true
const kindNames: Readonly<Record<string, string>> = {
  CollateClause: 'COLLATE',
  CurrentOfExpr: 'WHERE CURRENT OF',
  GroupingSet: 'GROUPING SETS, ROLLUP and CUBE',
  A_Indirection: 'a subscript or field of a value',
  RangeTableSample: 'TABLESAMPLE',
  RangeTableFunc: 'XMLTABLE',
  JsonObjectConstructor: 'JSON_OBJECT',
  JsonTable: 'JSON_TABLE',
  XmlExpr: 'XML',
  NamedArgExpr: 'a named argument',
  TableLikeClause: 'LIKE in CREATE TABLE',
}

const hasOption = (node: { options?: { DefElem?: { defname?: string } }[] }, name: string) =>
  node.options?.some(option => option.DefElem?.defname === name) === true

const subscriptionOptions: readonly Refusal[] = unplayedOptions.map(name => ({
  what: `the option "${name}" of a subscription`,
  when: (node, version) => asksForUnplayed(node.options ?? [], name, version),
}))

const databaseOptions: readonly Refusal[] = unplayedDatabaseOptions.map(name => ({
  what: `${name.toUpperCase()} of a database`,
  when: node => hasOption(node, name),
}))

export const refusals: Readonly<Record<string, readonly Refusal[]>> = {
  ...Object.fromEntries(Object.entries(kindNames).map(([kind, what]) => [kind, [{ what, when: always }]])),
  SelectStmt: [
    {
      what: 'DISTINCT ON',
      when: node => node.distinctClause?.some((each: object) => Object.keys(each).length > 0) === true,
    },
    { what: 'WITH TIES', when: node => node.limitOption === 'LIMIT_OPTION_WITH_TIES' },
  ],
  CreateExtensionStmt: [
    {
      what: 'this extension',
      when: ({ extname }) => extname !== playedExtension && extname !== 'plpgsql',
      help: `${playedExtension} is the only one that can be made`,
    },
    { what: 'SCHEMA, VERSION or CASCADE of CREATE EXTENSION', when: ({ options }) => (options ?? []).length > 0 },
  ],
  WithClause: [{ what: 'WITH RECURSIVE', when: node => node.recursive === true }],
  CommonTableExpr: [
    { what: 'a data-modifying statement in WITH', when: node => node.ctequery?.SelectStmt === undefined },
  ],
  FuncCall: [
    { what: 'a window function', when: node => node.over !== undefined },
    { what: 'WITHIN GROUP', when: node => node.agg_within_group === true },
    {
      what: 'ORDER BY inside of an aggregate',
      when: node => node.agg_order !== undefined && node.agg_within_group !== true,
    },
    { what: 'VARIADIC', when: node => node.func_variadic === true },
  ],
  JoinExpr: [{ what: 'FULL JOIN', when: node => node.jointype === 'JOIN_FULL' }],
  RangeSubselect: [{ what: 'LATERAL', when: node => node.lateral === true }],
  RangeFunction: [
    { what: 'LATERAL', when: node => node.lateral === true },
    { what: 'ROWS FROM', when: node => node.is_rowsfrom === true },
    { what: 'WITH ORDINALITY', when: node => node.ordinality === true },
  ],
  A_Expr: [{ what: 'SIMILAR TO', when: node => node.kind === 'AEXPR_SIMILAR' }],
  CreateStmt: [
    { what: 'a temporary table', when: node => node.relation?.relpersistence === 't' },
    { what: 'PARTITION OF', when: node => node.partbound !== undefined },
    { what: 'INHERITS', when: node => node.inhRelations !== undefined && node.partbound === undefined },
    { what: 'PARTITION BY', when: node => node.partspec !== undefined },
  ],
  CreateTableAsStmt: [
    { what: 'CREATE MATERIALIZED VIEW', when: node => node.objtype !== 'OBJECT_TABLE' },
    { what: 'CREATE TABLE … AS EXECUTE', when: node => node.query?.SelectStmt === undefined },
    { what: 'a temporary table', when: node => node.into?.rel?.relpersistence === 't' },
  ],
  Constraint: [
    { what: 'a foreign key', when: node => node.contype === 'CONSTR_FOREIGN' },
    { what: 'a generated column', when: node => node.contype === 'CONSTR_GENERATED' },
    { what: 'an exclusion constraint', when: node => node.contype === 'CONSTR_EXCLUSION' },
    {
      what: 'a deferrable constraint',
      when: node => node.deferrable === true || /^CONSTR_ATTR_DEFERR(ABLE|ED)$/.test(node.contype),
    },
    { what: 'INCLUDE', when: node => node.including !== undefined },
  ],
  IndexStmt: [
    { what: 'CREATE INDEX CONCURRENTLY', when: node => node.concurrent === true },
    { what: 'a partial index', when: node => node.whereClause !== undefined },
    { what: 'INCLUDE', when: node => node.indexIncludingParams !== undefined },
    {
      what: 'an index that is no btree',
      when: node => node.accessMethod !== undefined && node.accessMethod !== 'btree',
    },
  ],
  IndexElem: [{ what: 'an index on an expression', when: node => node.expr !== undefined }],
  CreateTableSpaceStmt: [
    {
      what: 'OWNER or WITH of CREATE TABLESPACE',
      when: node => node.owner !== undefined || node.options !== undefined,
    },
  ],
  DropStmt: [
    {
      what: 'dropping this kind of object',
      when: node =>
        !['OBJECT_TABLE', 'OBJECT_INDEX', 'OBJECT_SEQUENCE', 'OBJECT_PUBLICATION'].includes(node.removeType),
    },
  ],
  AlterTableCmd: [
    {
      what: 'this form of ALTER TABLE',
      when: node => !isPlayedCommand(node),
    },
  ],
  PublicationObjSpec: [
    { what: 'a row filter of a publication', when: node => node.pubtable?.whereClause !== undefined },
    { what: 'a column list of a publication', when: node => node.pubtable?.columns !== undefined },
    { what: 'FOR TABLES IN SCHEMA', when: node => /TABLES_IN_(CUR_)?SCHEMA$/.test(node.pubobjtype) },
  ],
  CreateSubscriptionStmt: subscriptionOptions,
  AlterSubscriptionStmt: subscriptionOptions,
  CreatedbStmt: databaseOptions,
  AlterDatabaseStmt: databaseOptions,
  RenameStmt: [
    {
      what: 'renaming this kind of object',
      when: node => !['OBJECT_DATABASE', 'OBJECT_TABLESPACE'].includes(node.renameType),
    },
  ],
  VacuumStmt: [
    { what: 'VACUUM FULL without a table', when: node => hasOption(node, 'full') && !node.rels },
    { what: 'VACUUM FULL with VERBOSE', when: node => hasOption(node, 'full') && hasOption(node, 'verbose') },
  ],
  ReindexStmt: [
    {
      what: 'REINDEX of more than a table',
      when: node => !['REINDEX_OBJECT_INDEX', 'REINDEX_OBJECT_TABLE'].includes(node.kind),
    },
    { what: 'an option of REINDEX', when: node => node.params !== undefined },
  ],
  DeclareCursorStmt: unplayedCursors,
  FetchStmt: [{ what: 'a FETCH or MOVE that does not go forward', when: node => !goesForward(node) }],
  VariableShowStmt: [{ what: 'SHOW ALL', when: node => node.name === 'all' }],
}
