// VACUUM and ANALYZE as sessions ask for them: their options over the defaults that an autovacuum worker does not have.

import type { Maintenance, MaintenanceOptions, MaintenanceSession, SqlServices } from '../sql/context.ts'
import { analyzeRelation } from './analyze.ts'
import { sessionCosts } from './cost-delay.ts'
import { updateDatabaseAge } from './database-age.ts'
import { type Maintainer, vacuumRelation, type WorkParameters } from './vacuum-relation.ts'

const asTheSettingsSay = { freezeMinAge: -1, freezeTableAge: -1 }
const everything = { freezeMinAge: 0, freezeTableAge: 0 }

export function maintenanceOf(services: SqlServices): Maintenance {
  const maintainer = (by: MaintenanceSession): Maintainer => ({ ...by, services, database: by.proc.database })
  const parameters = (by: MaintenanceSession, { isVerbose, skipsLocked }: MaintenanceOptions): WorkParameters => ({
    isVerbose,
    skipsLocked,
    logMinDuration: -1,
    costs: () => sessionCosts(by.proc.settings),
  })
  return {
    vacuum: (by, table, options) =>
      vacuumRelation(maintainer(by), table, {
        ...parameters(by, options),
        freezeAges: options.freezes ? everything : asTheSettingsSay,
        truncates: options.truncates,
        indexCleanup: options.indexCleanup,
        skipsNoPage: options.skipsNoPage,
      }),
    vacuumed: by => updateDatabaseAge(maintainer(by)),
    analyze: (by, table, options) => analyzeRelation(maintainer(by), table, parameters(by, options)),
  }
}
