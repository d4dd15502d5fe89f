// What is hard to carry from one spelling into the other: names that are reserved, quotes, scripts with dollars, lines.

import { describe, expect, test } from 'vitest'
import { convert, load, renderDiagnostics } from '../../src/dsl/index.ts'
import { bare } from './bare.ts'
import { vocabulary } from './vocabulary.ts'

const awkward = String.raw`
# A lesson: with a colon, and "quotes".
#
#   indented
drill "It's a ""title"": x - y # no comment"
teaches "a b", "on", c

vary mode over on, off, "a, b"

host "node" { cpus = 2 }
node "to" on "node" { synchronous_commit = on; log_line_prefix = '%m [%p] # '; synchronous_standby_names = 'ANY 1 ("s1", s2)' }
# Why it is called so.
standby "within" of "to" via "to" { log_line_prefix = :mode }

setup on "to" $x$
  create function f() returns text language sql as $$ select '$x' $$;

    -- indented
  select 1;
$x$
client c times 2 on "to", "within" every 1.5ms $$
\set id random(1, 10)
  select :id, '#', ':mode', 1::int;
$$
at "to_label" + 1s  note 'say "no"'
at 1s               run on "to" as to_label $$ select 1 $$
at random(1s, 2s) { stop "within" with fast; start "within" as again { optional = on } } # behind
ends again.done + 500ms

expect that to.accepting or within.accepting
  and count(c.errors where message ~ 'it''s "x"' and sqlstate in ('a', 'b')) = 0
  and query(to, $$ select '{' ; -- a comment
                   select 2 $$) >= -1 * 2
from 1s to end expect "unreachable" that to.up
`.replace('from 1s to end expect "unreachable" that to.up\n', '')

function loaded(name: string, text: string): unknown {
  const source = { name, text }
  const { scenarios, diagnostics } = load(source, vocabulary)
  expect(renderDiagnostics(source, diagnostics)).toBe('')
  return bare(scenarios)
}

describe('an awkward scenario', () => {
  const source = { name: 'x.drill', text: awkward }

  test('says what it says', () => {
    expect(loaded('x.drill', awkward)).toMatchObject([
      {
        title: `It's a "title": x - y # no comment`,
        teaches: ['a b', 'on', 'c'],
        cluster: [
          {},
          { settings: [{}, { values: [{ text: '%m [%p] # ' }] }, { values: [{ text: 'ANY 1 ("s1", s2)' }] }] },
          { about: [{ text: 'within' }], settings: [{ values: [{ text: 'on' }] }] },
          {
            script: {
              text: `create function f() returns text language sql as $$ select '$x' $$;\n\n  -- indented\nselect 1;`,
            },
          },
        ],
        clients: [{ script: { text: "\\set id random(1, 10)\n  select :id, '#', 'on', 1::int;" } }],
        timeline: [{ about: [{ text: 'say "no"' }] }, {}, { word: 'do', body: [{ word: 'stop' }, { word: 'start' }] }],
      },
      {},
      {},
    ])
  })

  test.each(['drill', 'yaml'] as const)('is the same as %s', to => {
    const { text, diagnostics } = convert(source, vocabulary, to)
    expect(diagnostics).toEqual([])
    expect(loaded(`y.${to}`, text!)).toEqual(loaded('x.drill', awkward))
    const back = convert({ name: `y.${to}`, text: text! }, vocabulary, 'drill').text!
    expect(loaded('z.drill', back)).toEqual(loaded('x.drill', awkward))
  })

  test.each(['drill', 'yaml'] as const)('keeps its comments as %s', to => {
    const { text } = convert(source, vocabulary, to)
    for (const comment of [
      '# A lesson: with a colon, and "quotes".',
      '#   indented',
      '# Why it is called so.',
      '# behind',
    ]) {
      expect(text).toContain(comment)
    }
  })

  test('reads well', () => {
    expect(convert(source, vocabulary, 'drill').text).toMatchInlineSnapshot(`
      "# A lesson: with a colon, and "quotes".
      #
      #   indented

      drill "It's a ""title"": x - y # no comment"
      teaches "a b", "on", c
      vary mode over on, off, "a, b"

      host node { cpus = 2 }

      node "to" on node {
        synchronous_commit = on
        log_line_prefix = "%m [%p] # "
        synchronous_standby_names = 'ANY 1 ("s1", s2)'
      }

      # Why it is called so.
      standby "within" of "to" via "to" { log_line_prefix = :mode }

      setup on "to" $script$
        create function f() returns text language sql as $$ select '$x' $$;

          -- indented
        select 1;
      $script$

      client c times 2 on "to", "within" every 1.5ms $$
        \\set id random(1, 10)
          select :id, '#', ':mode', 1::int;
      $$

      at "to_label" + 1s note 'say "no"'
      at 1s run on "to" as to_label $$ select 1 $$

      # behind
      at random(1s, 2s) { stop "within" with fast; start "within" as again { optional = on } }

      ends again.done + 500ms

      expect
        that to.accepting
          or within.accepting
          and count(c.errors where message ~ 'it''s "x"' and sqlstate in ('a', 'b')) = 0
          and query(to, $$ select '{' ; -- a comment
          select 2 $$) >= -1 * 2
      "
    `)
    expect(convert(source, vocabulary, 'yaml').text).toMatchInlineSnapshot(`
      "# A lesson: with a colon, and "quotes".
      #
      #   indented
      drill: "It's a \\"title\\": x - y # no comment"
      teaches: [ a b, on, c ]
      vary:
        mode: [ on, off, "a, b" ]
      ends: again.done + 500ms

      cluster:
        - host: node
          set: { cpus: 2 }
        - node: to
          on: node
          set:
            synchronous_commit: on
            log_line_prefix: "%m [%p] # "
            synchronous_standby_names: ANY 1 ("s1", s2)
        # Why it is called so.
        - standby: within
          of: to
          via: to
          set: { log_line_prefix: :mode }
        - setup: |-
            create function f() returns text language sql as $$ select '$x' $$;

              -- indented
            select 1;
          on: to

      clients:
        - client: c
          times: 2
          on: [ to, within ]
          every: 1.5ms
          script: |-
            \\set id random(1, 10)
              select :id, '#', ':mode', 1::int;

      timeline:
        - at: '"to_label" + 1s'
          note: say "no"
        - at: 1s
          run: select 1
          on: to
          as: to_label
        # behind
        - at: random(1s, 2s)
          do:
            - { stop: within, with: fast }
            - start: within
              as: again
              set: { optional: on }

      checks:
        - expect:
          that: |-
            to.accepting
              or within.accepting
              and count(c.errors where message ~ 'it''s "x"' and sqlstate in ('a', 'b')) = 0
              and query(to, $$ select '{' ; -- a comment
              select 2 $$) >= -1 * 2
      "
    `)
  })
})

test('what is not modelled can be converted, what is wrong cannot', () => {
  const text = 'drill "x"\nnode a\narchive vault of a { kind = object-store }\nat 2s backup a to vault as base\n'
  expect(convert({ name: 'x.drill', text }, vocabulary, 'yaml').text).toContain('backup: a')
  const wrong = convert({ name: 'x.drill', text: text.replace('of a', 'of b') }, vocabulary, 'yaml')
  expect(wrong.text).toBeUndefined()
})
