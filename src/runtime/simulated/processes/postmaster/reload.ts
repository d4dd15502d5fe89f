// What SIGHUP does: the settings are read again, and everybody is told. Mirrors process_pm_reload_request and the
// messages of ProcessConfigFileInternal.

import type { FileSetting } from '../../settings/configuration-files.ts'
import type { ReloadFinding } from '../../settings/settings.ts'
import type { Postmaster } from './postmaster-context.ts'

export function reload(self: Postmaster): void {
  const { me, server, children } = self
  const { log, settings } = server.environment
  log.log(me, 'received SIGHUP, reloading configuration files')
  const findings = settings.reload()
  const files = findings.flatMap(finding => tell(self, finding) ?? [])
  if (files.length > 0) {
    const applied = findings[0].kind === 'unknown' ? 'no changes were applied' : 'unaffected changes were applied'
    log.log(me, `configuration file "${files.at(-1)}" contains errors; ${applied}`, { sqlstate: 'F0000' })
  }
  server.shared.slots.review(me.cause)
  children.signalAll('HUP')
  children.signalLogger('HUP')
}

/** Gives the file that is to blame, where something is wrong. */
function tell({ me, server }: Postmaster, finding: ReloadFinding): string | undefined {
  const { log } = server.environment
  const pathOf = (at: FileSetting | undefined) => `${server.dataDirectory}/${at?.file ?? 'postgresql.conf'}`
  switch (finding.kind) {
    case 'changed':
      log.log(me, `parameter "${finding.name}" changed to "${finding.text}"`)
      return undefined
    case 'removed':
      log.log(me, `parameter "${finding.name}" removed from configuration file, reset to default`)
      return undefined
    case 'needs restart':
      log.log(me, `parameter "${finding.name}" cannot be changed without restarting the server`, { sqlstate: '55P02' })
      return pathOf(finding.at)
    case 'unknown': {
      const { name, line } = finding.at
      const message = `unrecognized configuration parameter "${name}" in file "${pathOf(finding.at)}" line ${line}`
      log.log(me, message, { sqlstate: '42704' })
      return pathOf(finding.at)
    }
    case 'invalid': {
      const { message, detail, hint } = finding.complaint
      log.log(me, message, { sqlstate: '22023', detail, hint })
      return pathOf(finding.at)
    }
  }
}
