// What a client whose commits are tracked appends to a query, to learn the xid of its transaction.

export const trackedSuffix = '; select pg_current_xact_id_if_assigned()'

/** What servers say of a tracked statement, as if it had been sent alone. */
export function untracked(text: string): string {
  return text.replaceAll(trackedSuffix, '')
}
