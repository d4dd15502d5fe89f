// libpq's keywords that clients and sessions take, with its names; what connects for one purpose takes the database alone.

import type { Parameter } from '../../model/vocabulary.ts'

export const databaseSetting: Parameter = {
  type: 'text',
  optional: true,
  summary: "libpq's keyword: the database that it connects to; postgres if left out.",
}

export const connectionSettings: Readonly<Record<string, Parameter>> = {
  dbname: databaseSetting,
  target_session_attrs: {
    type: 'keyword',
    choices: ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'],
    optional: true,
    summary: "libpq's keyword: which of the servers will do.",
  },
  connect_timeout: {
    type: 'duration',
    optional: true,
    summary: "libpq's keyword: how long to wait for a server that does not answer.",
  },
  tcp_user_timeout: {
    type: 'duration',
    optional: true,
    summary: "libpq's keyword: how long sent data may stay unacknowledged before the connection counts as lost.",
  },
  keepalives_idle: {
    type: 'duration',
    optional: true,
    summary: "libpq's keyword: after how long a silence TCP asks whether the server is still there; 2h if left out.",
  },
  keepalives_interval: {
    type: 'duration',
    optional: true,
    summary: "libpq's keyword: how long until an unanswered question is asked again; 75s if left out.",
  },
  keepalives_count: {
    type: 'number',
    min: 1,
    max: 127,
    integer: true,
    optional: true,
    summary: "libpq's keyword: after how many unanswered questions the connection counts as lost; 9 if left out.",
  },
  application_name: { type: 'text', optional: true, summary: "libpq's keyword: the name that the server shows." },
}
