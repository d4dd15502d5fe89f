// Every function that SQL can call. A new family is one file and one line here.

import { advisoryLockFunctions } from './advisory-locks.ts'
import { aggregateFunctions } from './aggregates.ts'
import { backendSignals } from './backend-signals.ts'
import { logicalFunctions, logicalTableFunctions } from './logical-functions.ts'
import { notifyFunctions, notifyRowFunctions } from './notify-functions.ts'
import { FunctionRegistry } from './registry.ts'
import { replicationFunctions } from './replication-functions.ts'
import { rowFunctions } from './row-functions.ts'
import { sequenceFunctions } from './sequence-functions.ts'
import { serverFunctions } from './server-functions.ts'
import { sessionFunctions } from './session-functions.ts'
import { slotAdvanceFunctions } from './slot-advance.ts'
import { slotSyncFunctions } from './slot-sync-functions.ts'
import { summaryFunctions } from './summary-functions.ts'
import { tablespaceFunctions, tablespaceRowFunctions } from './tablespace-functions.ts'

export const allFunctions = new FunctionRegistry({
  session: [
    ...sessionFunctions,
    ...serverFunctions,
    ...replicationFunctions,
    ...slotAdvanceFunctions,
    ...slotSyncFunctions,
    ...logicalFunctions,
    ...backendSignals,
    ...advisoryLockFunctions,
    ...sequenceFunctions,
    ...notifyFunctions,
    ...tablespaceFunctions,
  ],
  aggregates: aggregateFunctions,
  rows: [...rowFunctions, ...notifyRowFunctions, ...tablespaceRowFunctions],
  tables: [...logicalTableFunctions, ...summaryFunctions],
})
