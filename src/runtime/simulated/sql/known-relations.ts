// Catalogs and system views that PostgreSQL has and pgdrill does not play yet: to tell them from those that do not exist.

const names = `
pg_aggregate pg_am pg_amop pg_amproc pg_auth_members pg_authid pg_available_extension_versions
pg_available_extensions pg_backend_memory_contexts pg_cast pg_collation pg_config pg_conversion pg_cursors
pg_db_role_setting pg_default_acl pg_description pg_enum pg_event_trigger pg_file_settings
pg_foreign_data_wrapper pg_foreign_server pg_foreign_table pg_group pg_hba_file_rules pg_ident_file_mappings
pg_inherits pg_init_privs pg_language pg_largeobject pg_largeobject_metadata pg_matviews pg_opclass pg_operator
pg_opfamily pg_parameter_acl pg_partitioned_table pg_policies pg_policy pg_prepared_statements pg_proc
pg_publication_namespace pg_range pg_rewrite pg_roles pg_rules pg_seclabel pg_seclabels pg_sequences pg_shadow
pg_shdepend pg_shdescription pg_shmem_allocations pg_shseclabel pg_stat_all_indexes pg_stat_gssapi
pg_stat_progress_analyze pg_stat_progress_basebackup pg_stat_progress_cluster pg_stat_progress_copy
pg_stat_progress_create_index pg_stat_recovery_prefetch pg_stat_replication_slots pg_stat_slru pg_stat_ssl
pg_stat_sys_indexes pg_stat_sys_tables pg_stat_user_functions pg_stat_user_indexes pg_stat_xact_all_tables
pg_stat_xact_sys_tables pg_stat_xact_user_functions pg_stat_xact_user_tables pg_statio_all_indexes
pg_statio_all_sequences pg_statio_all_tables pg_statio_sys_indexes pg_statio_sys_sequences pg_statio_sys_tables
pg_statio_user_indexes pg_statio_user_sequences pg_statio_user_tables pg_statistic pg_statistic_ext
pg_statistic_ext_data pg_stats pg_stats_ext pg_stats_ext_exprs pg_timezone_abbrevs
pg_timezone_names pg_transform pg_trigger pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template
pg_user pg_user_mapping pg_user_mappings pg_views
`

const later: readonly (readonly [since: number, name: string])[] = [
  [17, 'pg_wait_events'],
  [18, 'pg_aios'],
  [18, 'pg_buffercache_numa'],
  [18, 'pg_shmem_allocations_numa'],
]

const known = new Map(
  names
    .trim()
    .split(/\s+/)
    .map(name => [name, 15]),
)
for (const [since, name] of later) known.set(name, since)

/** Whether that major has it; `schema`: undefined where none was written. */
export function isKnownRelation(name: string, schema: string | undefined, version: number): boolean {
  if (schema === 'information_schema') return true
  return (schema === undefined || schema === 'pg_catalog') && version >= (known.get(name) ?? Number.POSITIVE_INFINITY)
}
