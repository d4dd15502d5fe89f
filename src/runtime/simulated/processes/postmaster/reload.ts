// What SIGHUP does: the settings are read again, and everybody is told. Mirrors process_pm_reload_request and the
// messages of ProcessConfigFile.

import type { Postmaster } from './postmaster-context.ts'

export function reload({ me, server, children }: Postmaster): void {
  const { log, settings } = server.environment
  const file = `${server.dataDirectory}/postgresql.conf`
  log.log(me, 'received SIGHUP, reloading configuration files')
  const findings = settings.reload()
  let hasErrors = false
  for (const finding of findings) {
    switch (finding.kind) {
      case 'changed':
        log.log(me, `parameter "${finding.name}" changed to "${finding.value}"`)
        break
      case 'removed':
        log.log(me, `parameter "${finding.name}" removed from configuration file, reset to default`)
        break
      case 'needs restart':
        hasErrors = true
        log.log(me, `parameter "${finding.name}" cannot be changed without restarting the server`, {
          sqlstate: '55P02',
        })
        break
      case 'unknown':
        hasErrors = true
        log.log(me, `unrecognized configuration parameter "${finding.name}" in file "${file}"`, { sqlstate: '42704' })
        break
      case 'invalid':
        hasErrors = true
        log.log(me, finding.message, { sqlstate: '22023', hint: finding.hint })
    }
  }
  if (hasErrors) {
    const applied = findings.some(finding => finding.kind === 'unknown')
      ? 'no changes were applied'
      : 'unaffected changes were applied'
    log.log(me, `configuration file "${file}" contains errors; ${applied}`, { sqlstate: 'F0000' })
  }
  children.signalAll('HUP')
}
