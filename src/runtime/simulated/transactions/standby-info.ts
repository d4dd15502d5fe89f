/** What the records of the resource manager Standby are of. */
export const standbyInfo = { lock: 0x00, runningTransactions: 0x10, invalidations: 0x20 } as const
