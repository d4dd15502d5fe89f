// How many backends a server may have at once, by its settings: what tables of shared memory are made for. Mirrors
// MaxBackends.

import type { ServerEnvironment } from './environment.ts'

export function maxBackends({ settings, version }: Pick<ServerEnvironment, 'settings' | 'version'>): number {
  return (
    settings.get('max_connections') +
    settings.get(version < 18 ? 'autovacuum_max_workers' : 'autovacuum_worker_slots') +
    1 +
    settings.get('max_worker_processes') +
    settings.get('max_wal_senders')
  )
}
