// docs/recovery-tests.md: every script of PostgreSQL 15's recovery tests is there, and every file that it names.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const page = 'docs/recovery-tests.md'
const text = readFileSync(page, 'utf8')
const rows = [...text.matchAll(/^\| `([^`]+)`\s*\|[^|]*\|(.*)\|$/gm)].map(([, script, here]) => ({ script, here }))

/** What `src/test/recovery/t` has. */
const scripts = [
  ...['001_stream_rep', '002_archiving', '003_recovery_targets', '004_timeline_switch', '005_replay_delay'],
  ...['006_logical_decoding', '007_sync_rep', '008_fsm_truncation', '009_twophase', '010_logical_decoding_timelines'],
  ...['012_subtransactions', '013_crash_restart', '014_unlogged_reinit', '015_promotion_pages', '016_min_consistency'],
  ...['017_shm', '018_wal_optimize', '019_replslot_limit', '020_archive_status', '021_row_visibility'],
  ...['022_crash_temp_files', '023_pitr_prepared_xact', '024_archive_recovery', '025_stuck_on_old_timeline'],
  ...['026_overwrite_contrecord', '027_stream_regress', '028_pitr_timelines', '029_stats_restart'],
  ...['030_stats_cleanup_replica', '031_recovery_conflict', '032_relfilenode_reuse', '033_replay_tsp_drops'],
  ...['034_create_database', '037_invalid_database', '039_end_of_wal', '043_no_contrecord_switch'],
  ...['043_vacuum_horizon_floor', '045_archive_restartpoint'],
].map(name => `${name}.pl`)

test('all 39 are listed, in their order', () => {
  expect(rows.map(({ script }) => script)).toEqual([...scripts, 'cp_history_files'])
})

test('each names a scenario or a test, says that it is open, or why it has none', () => {
  const silent = rows.filter(({ here }) => !/\]\(|_open_|^\s*none: /i.test(here))
  expect(silent).toEqual([])
})

test('what it names exists', () => {
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => join(dirname(page), link))
  expect(links.length).toBeGreaterThan(20)
  expect(links.filter(link => !existsSync(link))).toEqual([])
})
