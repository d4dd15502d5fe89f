// What stands in the configuration files of the servers: the scenario's settings in postgresql.conf, as an administrator
// would write them, and pgdrill's own on the command line.

import type { Settings } from '../../engine.ts'

/** Lines of postgresql.conf. */
export function configurationLines(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('')
}

/** Where a server is and how it tells what it does: not the scenario's business. */
export function ownSettings(port: number, folder: string, logLinePrefix: string): Settings {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    unix_socket_permissions: '0700',
    log_line_prefix: logLinePrefix,
  }
}
