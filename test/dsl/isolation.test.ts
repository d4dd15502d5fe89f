// Specs of PostgreSQL's isolationtester are read as scenarios.

import { expect, test } from 'vitest'
import { convertScenario, loadScenario } from '../../src/index.ts'
import { play } from '../playing.ts'

const spec = `# Two who count each other.
setup
{
  create table t (id int primary key);
}
setup { insert into t values (1); }
teardown { drop table t; }

session first
setup		{ begin isolation level serializable; }
step f1	{ insert into t select 2 where (select count(*) from t) = 1; }
step "f2"	{ commit; }
teardown { select 1; }

session "second"
setup { begin isolation level serializable; }
step s1 {
	insert into t
	  select 3 where (select count(*) from t) = 1;
}
step s2 { commit; }
`

const drill = (orders: readonly string[]) => `drill "both"

node primary
setup on primary $$ create table t (id int primary key); $$
setup on primary $$ insert into t values (1); $$

session first on primary {
  setup $$ begin isolation level serializable; $$
  step f1 $$ insert into t select 2 where (select count(*) from t) = 1; $$
  step f2 $$ commit; $$
  teardown $$ select 1; $$
}

session second on primary {
  setup $$ begin isolation level serializable; $$
  step s1 $$
    insert into t
      select 3 where (select count(*) from t) = 1;
  $$
  step s2 $$ commit; $$
}

${orders.join('\n')}
`

test('a spec says the same as a scenario', () => {
  const text = `${spec}\npermutation f1 s1(f2) f2 s2(*)\npermutation "s1" f1\n  s2 f2 # and so on\n`
  const { text: converted, diagnostics } = convertScenario({ name: 'specs/both.spec', text }, 'drill')
  expect(diagnostics).toEqual([])
  expect(converted).toBe(
    drill(['permutation f1, s1(f2), f2, s2(*) as f1-s1-f2-s2', 'permutation s1, f1, s2, f2 as s1-f1-s2-f2']),
  )
})

test('without permutations all orders are played', async () => {
  const orders = ['f1 f2 s1 s2', 'f1 s1 f2 s2', 'f1 s1 s2 f2', 's1 f1 f2 s2', 's1 f1 s2 f2', 's1 s2 f1 f2']
  const { text } = convertScenario({ name: 'both.spec', text: spec }, 'drill')
  const said = orders.map(order => `permutation ${order.replaceAll(' ', ', ')} as ${order.replaceAll(' ', '-')}`)
  expect(text).toBe(drill(said))
  const runs = await play('both.spec', spec)
  const failures = runs.map(({ events }) =>
    events.filter(each => each.kind === 'step.finished' && each.sqlstate === '40001'),
  )
  expect(failures.map(({ length }) => length)).toEqual([0, 1, 1, 1, 1, 0])
})

test.each([
  ['session', 'a name must follow `session`', 0],
  ['session a step s begin', 'SQL in braces must follow `step`', 10],
  ['session a step s { begin', '`{` does not fit here', 17],
  ['session a step s { begin; }\npermutation', 'steps must follow `permutation`', 28],
  ['session a step s { begin; }\npermutation t', 'there is no step `t`', 40],
  ['session a step s { selekt; }\npermutation s', 'syntax error at or near "selekt"', 19],
  ['nonsense', 'expected `setup`, `teardown`, `session` or `permutation`, found `nonsense`', 0],
])('%j: %s', async (text, message, at) => {
  const { diagnostics } = await loadScenario({ name: 'bad.spec', text })
  expect(diagnostics[0]?.message).toContain(message)
  expect(diagnostics[0]?.span.start).toBe(at)
})

test('too many orders are refused', async () => {
  const session = (name: string) =>
    `session ${name} ${[1, 2, 3, 4, 5, 6, 7].map(step => `step ${name}${step} { select 1; }`).join('\n')}\n`
  const { diagnostics } = await loadScenario({ name: 'many.spec', text: session('a') + session('b') })
  expect(diagnostics[0]).toMatchObject({ code: 'too-large', help: 'name the permutations that are to be played' })
})
