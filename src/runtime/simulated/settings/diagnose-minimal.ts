// Servers that a scenario declares with wal_level minimal, and with what needs more of the WAL: they would not start, or
// have nothing to give to a standby.

import type { Diagnostic } from '../../../model/diagnostic.ts'
import type { Setting, Statement } from '../../../model/scenario.ts'
import type { Span } from '../../../model/source.ts'

/** `cluster`: the statements that declare it. */
export function diagnoseMinimal(cluster: readonly Statement[]): Diagnostic[] {
  return cluster.flatMap(node => {
    const level = textOf(node, 'wal_level')
    if (node.word !== 'node' || level?.text !== 'minimal') return []
    const name = node.about[0]?.text
    const found: Diagnostic[] = []
    const complain = (span: Span, message: string, help: string) =>
      found.push({ code: 'out-of-range', span, message, help })
    const senders = textOf(node, 'max_wal_senders')
    if (senders?.text !== '0') {
      const message = 'WAL streaming (max_wal_senders > 0) requires wal_level "replica" or "logical"'
      complain((senders ?? level).setting.nameSpan, message, 'Set max_wal_senders = 0 too')
    }
    const archives = textOf(node, 'archive_mode')
    const archived = 'WAL archival cannot be enabled when wal_level is "minimal"'
    if (archives && archives.text !== 'off') complain(archives.setting.nameSpan, archived, 'Leave archive_mode off')
    for (const other of cluster) {
      if (!(other.parameters.of ?? []).some(value => value.text === name)) continue
      const needs = needing[other.word]
      if (needs) complain(other.span, `${needs} more WAL than wal_level "minimal" of ${name} has`, usual)
    }
    return found
  })
}

const usual = 'Leave wal_level at "replica", its default'

/** What hangs on a server by `of`. */
const needing: Readonly<Record<string, string>> = {
  standby: 'a standby needs',
  slot: 'a replication slot needs',
  archive: 'an archive needs',
}

function textOf(
  { settings }: Statement,
  name: string,
): { readonly setting: Setting; readonly text: string } | undefined {
  const setting = settings.find(each => each.name.toLowerCase() === name)
  return setting && { setting, text: setting.values.map(value => value.text.toLowerCase()).join(', ') }
}
