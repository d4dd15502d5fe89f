// Makes the clients and sessions that a scenario declares.

import type { Scenario, Statement, Value } from '../../model/scenario.ts'
import { defaultKeepalive, type Keepalive } from '../engine.ts'
import type { Stage } from '../stage.ts'
import { databaseOf, numberOf, parameter, setting, textOf } from '../statement.ts'
import { groupsOf } from '../topology.ts'
import { Client } from './client.ts'
import type { ConnectionString, TargetSessionAttrs } from './connect.ts'
import { Session } from './session.ts'
import { workloadOf } from './workload.ts'

export interface DeclaredClient {
  readonly statement: Statement
  readonly clients: readonly Client[]
}

export function declareClients(scenario: Scenario, stage: Stage): DeclaredClient[] {
  const groups = groupsOf(scenario)
  const scale = scaleOf(scenario)
  return scenario.clients
    .filter(({ word }) => word === 'client')
    .map(statement => {
      const name = textOf(statement.about[0])!
      const { scripts } = workloadOf(statement)
      const number = (what: string) => numberOf(setting(statement, what))
      const options = {
        name,
        string: connectionString(statement, name),
        scripts,
        scale,
        retries: number('retries') ?? 0,
        ...optional('every', numberOf(parameter(statement, 'every'))),
        ...optional('reconnect', number('reconnect')),
        ...optional('transactions', number('transactions')),
      }
      const endpoints = groups.get(name)!
      return {
        statement,
        clients: endpoints.map((endpoint, index) => new Client({ ...options, endpoint, index }, stage)),
      }
    })
}

export function declareSessions(scenario: Scenario, stage: Stage): Session[] {
  return scenario.clients
    .filter(({ word }) => word === 'session')
    .map(statement => {
      const scriptOf = (word: string) => statement.body.find(each => each.word === word)?.script?.text
      const steps = statement.body.filter(({ word }) => word === 'step')
      return new Session(
        {
          name: textOf(statement.about[0])!,
          string: connectionString(statement, textOf(statement.about[0])!),
          steps: new Map(steps.map(step => [textOf(step.about[0])!, step.script!.text])),
          ...optional('setup', scriptOf('setup')),
          ...optional('teardown', scriptOf('teardown')),
        },
        stage,
      )
    })
}

function connectionString(statement: Statement, name: string): ConnectionString {
  return {
    hosts: statement.parameters.on!.map((value: Value) => textOf(value)!),
    database: databaseOf(statement),
    applicationName: textOf(setting(statement, 'application_name')) ?? name,
    targetSessionAttrs: (textOf(setting(statement, 'target_session_attrs')) ?? 'any') as TargetSessionAttrs,
    keepalive: keepaliveOf(statement),
    ...optional('connectTimeout', numberOf(setting(statement, 'connect_timeout'))),
    ...optional('tcpUserTimeout', numberOf(setting(statement, 'tcp_user_timeout'))),
  }
}

function keepaliveOf(statement: Statement): Keepalive {
  const number = (what: string) => numberOf(setting(statement, `keepalives_${what}`))
  return {
    idle: number('idle') ?? defaultKeepalive.idle,
    interval: number('interval') ?? defaultKeepalive.interval,
    count: number('count') ?? defaultKeepalive.count,
  }
}

/** The scale factor that pgbench's built-in scripts know as `:scale`: that of the setup. */
function scaleOf(scenario: Scenario): number {
  const scales = scenario.cluster
    .filter(({ word }) => word === 'setup')
    .map(statement => numberOf(setting(statement, 'scale')))
  return scales.find(scale => scale !== undefined) ?? 1
}

function optional<K extends string, T>(name: K, value: T | undefined): { readonly [key in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]?: T })
}
