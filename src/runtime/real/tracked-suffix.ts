// What a client whose commits are tracked appends to a query, to learn the xid of its transaction.

export const trackedSuffix = '; select pg_current_xact_id_if_assigned()'
