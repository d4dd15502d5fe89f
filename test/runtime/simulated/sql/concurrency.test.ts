// Two sessions at the same rows: what waits, what is looked at again, what fails. Expectations are PostgreSQL's.

import { beforeAll, describe, expect, test } from 'vitest'
import type { BackendMessage } from '../../../../src/runtime/simulated/shared/protocol.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer, type TestSession } from './server.ts'

beforeAll(loadParser)

function start(setup: string): { server: TestServer; anna: TestSession; bert: TestSession } {
  const server = new TestServer(15)
  const anna = server.connect()
  const bert = server.connect()
  const problem = anna.query(setup).find(message => message.kind === 'error')
  expect(problem).toBeUndefined()
  return { server, anna, bert }
}

const tags = (messages: readonly BackendMessage[]) =>
  messages.map(message => {
    if (message.kind === 'command complete') return message.tag
    return message.kind === 'error' ? `${message.sqlstate} ${message.message}` : message.kind
  })

/** Sends without waiting for the answer; what came after a while. */
function begin(server: TestServer, session: TestSession, text: string): string[] {
  session.take()
  session.send(text)
  server.run(0.2)
  return tags(session.take())
}

const account = `create table account (id int primary key, balance int not null, owner text);
  insert into account select i, 100, 'o' || i from generate_series(1, 5) i;`

describe('read committed', () => {
  test('an update waits, and then starts from the newest version', () => {
    const { server, anna, bert } = start(account)
    anna.query('begin; update account set balance = balance - 10 where id = 1')
    expect(begin(server, bert, 'update account set balance = balance - 5 where id = 1 returning balance')).toEqual([])
    anna.query('commit')
    server.run(0.2)
    expect(bert.take().find(message => message.kind === 'rows')).toMatchObject({ rows: [['85']] })
    expect(anna.rows('select balance from account where id = 1')).toEqual([['85']])
  })

  test('the condition is asked again of the newest version', () => {
    const { server, anna, bert } = start(account)
    anna.query('begin; update account set balance = 0 where id = 1')
    expect(begin(server, bert, 'update account set balance = -1 where balance = 100 and id < 3')).toEqual([])
    anna.query('commit')
    server.run(0.2)
    expect(tags(bert.take())).toEqual(['UPDATE 1', 'ready'])
  })

  test('a row that was deleted meanwhile is left out; one whose deletion was rolled back is not', () => {
    const { server, anna, bert } = start(account)
    anna.query('begin; delete from account where id = 1')
    expect(begin(server, bert, 'delete from account where id in (1, 2)')).toEqual([])
    anna.query('commit')
    server.run(0.2)
    expect(tags(bert.take())).toEqual(['DELETE 1', 'ready'])
    anna.query('begin; delete from account where id = 3')
    expect(begin(server, bert, 'update account set balance = 7 where id = 3')).toEqual([])
    anna.query('rollback')
    server.run(0.2)
    expect(tags(bert.take())).toEqual(['UPDATE 1', 'ready'])
  })

  test('an update from a join asks the join again with the newest version', () => {
    const { server, anna, bert } = start(
      `${account} create table fee (account int, amount int); insert into fee values (1, 10), (2, 20);`,
    )
    anna.query('begin; update account set balance = 50 where id = 1')
    expect(
      begin(
        server,
        bert,
        'update account set balance = balance - amount from fee where fee.account = account.id and balance >= 50',
      ),
    ).toEqual([])
    anna.query('commit')
    server.run(0.2)
    expect(tags(bert.take())).toEqual(['UPDATE 2', 'ready'])
    expect(anna.rows('select id, balance from account where id < 3 order by id')).toEqual([
      ['1', '40'],
      ['2', '80'],
    ])
  })

  test('FOR UPDATE gives the newest version; SKIP LOCKED and NOWAIT do not wait', () => {
    const { server, anna, bert } = start(account)
    anna.query('begin; update account set balance = 1 where id = 1')
    expect(bert.rows('select id from account order by id limit 2 for update skip locked')).toEqual([['2'], ['3']])
    expect(tags(bert.query('select id from account where id = 1 for update nowait'))).toEqual([
      '55P03 could not obtain lock on row in relation "account"',
    ])
    expect(begin(server, bert, 'select balance from account where id = 1 for update')).toEqual([])
    anna.query('commit')
    server.run(0.2)
    expect(bert.take().find(message => message.kind === 'rows')).toMatchObject({ rows: [['1']] })
  })

  test('a unique key that is being inserted is waited for', () => {
    const { server, anna, bert } = start(account)
    anna.query("begin; insert into account values (9, 1, 'anna')")
    expect(begin(server, bert, "insert into account values (9, 2, 'bert')")).toEqual([])
    anna.query('rollback')
    server.run(0.2)
    expect(tags(bert.take())).toEqual(['INSERT 0 1', 'ready'])
    anna.query("begin; insert into account values (10, 1, 'anna')")
    expect(
      begin(server, bert, "insert into account values (10, 2, 'bert') on conflict (id) do update set owner = 'both'"),
    ).toEqual([])
    anna.query('commit')
    server.run(0.2)
    expect(tags(bert.take())).toEqual(['INSERT 0 1', 'ready'])
    expect(anna.rows('select owner, balance from account where id = 10')).toEqual([['both', '1']])
  })
})

describe('repeatable read', () => {
  test('sees one moment, and may not change what others changed since', () => {
    const { anna, bert } = start(account)
    bert.query('begin isolation level repeatable read; select sum(balance) from account')
    anna.query('update account set balance = 0 where id = 1; delete from account where id = 2')
    expect(bert.rows('select sum(balance) from account')).toEqual([['500']])
    expect(tags(bert.query('update account set balance = 1 where id = 1'))).toEqual([
      '40001 could not serialize access due to concurrent update',
    ])
    bert.query('rollback; begin isolation level repeatable read; select 1 from account')
    anna.query('delete from account where id = 3')
    expect(tags(bert.query('select * from account where id = 3 for update'))).toEqual([
      '40001 could not serialize access due to concurrent delete',
    ])
  })

  test('ON CONFLICT DO NOTHING minds the rows of others that it does not see, not its own', () => {
    const { anna, bert } = start(account)
    const insert = "insert into account values (11, 1, 'bert'), (11, 2, 'bert') on conflict do nothing"
    bert.query('begin isolation level repeatable read; select 1 from account')
    expect(tags(bert.query(insert))).toEqual(['INSERT 0 1'])
    bert.query('rollback; begin isolation level repeatable read; select 1 from account')
    anna.query("insert into account values (11, 3, 'anna')")
    expect(tags(bert.query(insert))).toEqual(['40001 could not serialize access due to concurrent update'])
  })
})

describe('tables', () => {
  test('a statement that waited for a table sees what it has become', () => {
    const { server, anna, bert } = start(account)
    anna.query('begin; alter table account add column note text')
    expect(begin(server, bert, 'select * from account where id = 1')).toEqual([])
    anna.query('commit')
    server.run(0.2)
    const rows = bert.take().find(message => message.kind === 'rows')
    expect(rows).toMatchObject({ rows: [['1', '100', 'o1', null]] })
  })

  test('what another session makes is there when it commits, and not before', () => {
    const { anna, bert } = start(account)
    anna.query('begin; create table fresh (a int); insert into fresh values (1)')
    expect(tags(bert.query('select * from fresh'))).toEqual(['42P01 relation "fresh" does not exist'])
    anna.query('commit')
    expect(bert.rows('select * from fresh')).toEqual([['1']])
    anna.query('drop table fresh')
    expect(tags(bert.query('select * from fresh'))).toEqual(['42P01 relation "fresh" does not exist'])
  })

  test('lock_timeout tells where the table stands in the statement', () => {
    const { anna, bert } = start(account)
    anna.query('begin; lock table account')
    bert.query("set lock_timeout = '50ms'")
    const error = bert.query('select 1 + 1, count(*) from account').find(message => message.kind === 'error')
    expect(error).toMatchObject({ sqlstate: '55P03', message: 'canceling statement due to lock timeout', position: 29 })
  })

  test('pg_locks and pg_stat_activity show who waits', () => {
    const { server, anna, bert } = start(account)
    const carla = server.connect()
    anna.query('begin; update account set balance = 0 where id = 1')
    begin(server, bert, 'update account set balance = 1 where id = 1')
    expect(carla.rows('select locktype, mode from pg_locks where not granted')).toEqual([
      ['transactionid', 'ShareLock'],
    ])
    expect(
      carla.rows("select state, wait_event_type, query from pg_stat_activity where wait_event_type = 'Lock'"),
    ).toEqual([['active', 'Lock', 'update account set balance = 1 where id = 1']])
    const [[blocker]] = carla.rows(
      "select (pg_blocking_pids(pid))::text from pg_stat_activity where wait_event_type = 'Lock'",
    )
    expect(blocker).toBe(`{${anna.rows('select pg_backend_pid()')[0][0]}}`)
  })
})

describe('templates', () => {
  test('values are literals, of whatever type they would be in the text', () => {
    const { anna } = start(account)
    expect(anna.rows('select $1 + 1, $2 || $3, $4, $5 is null', ['41', "'it''s'", "'x'", '1.50', 'null'])).toEqual([
      ['42', "it'sx", '1.50', 't'],
    ])
    expect(anna.rows('select balance from account where id = $1', ['2'])).toEqual([['100']])
    expect(anna.rows('select balance from account where id = $1', ["'3'"])).toEqual([['100']])
    expect(anna.rows('select $1 * 2', ['3000000000'])).toEqual([['6000000000']])
    expect(anna.rows('select $1', ['1 + 2'])).toEqual([['3']])
    expect(anna.rows('set work_mem = $1; show work_mem', ["'5MB'"])).toEqual([['5MB']])
  })

  test('places count in the text that was sent', () => {
    const { anna } = start(account)
    const position = (template: string, values: string[]) =>
      anna.query(template, values).map(message => (message.kind === 'error' ? message.position : undefined))
    expect(position('select $1, nope from account', ["'ééé'"])).toEqual([15])
    expect(position('select 1 where id = $1', ['5'])).toEqual([16])
    expect(position('select $1::int', ["'x'"])).toEqual([8])
  })

  test('prepared statements of the protocol take their types from where the parameters stand', () => {
    const { server, anna } = start(account)
    anna.client.socket!.send({
      kind: 'parse',
      name: 'p',
      template: 'select balance + $1 from account where id = $2',
      size: 10,
    } as never)
    server.run(0.1)
    anna.take()
    anna.client.socket!.send({ kind: 'execute', name: 'p', values: ['5', "'2'"], size: 10 } as never)
    server.run(0.1)
    expect(anna.take().find(message => message.kind === 'rows')).toMatchObject({ rows: [['105']] })
  })
})
