import { describe, expect, it } from 'vitest'
import { builtins } from '../../src/runtime/clients/pgbench/builtins.ts'
import { compileScript } from '../../src/runtime/clients/pgbench/script.ts'
import { split } from '../../src/runtime/clients/pgbench/split.ts'
import { Template } from '../../src/runtime/clients/pgbench/template.ts'
import { Double, type PgbenchValue } from '../../src/runtime/clients/pgbench/value.ts'

const scriptOf = (text: string) => {
  let offset = 0
  const lineStarts = text.split('\n').map(line => {
    const start = offset
    offset += line.length + 1
    return start
  })
  return { text, span: { start: 0, end: text.length }, lineStarts }
}

const sqlOf = (text: string) => split(text).flatMap(piece => (piece.kind === 'sql' ? [piece.text] : []))

describe('splitting', () => {
  it('ends statements at semicolons, but not in quotes, comments, parentheses', () => {
    expect(
      sqlOf('select \';\' ; select "a;b"; select $$;$$, $x$;$$;$x$; -- no; end\nselect (1;2); /* ; */ select 3'),
    ).toEqual([
      "select ';' ;",
      'select "a;b";',
      'select $$;$$, $x$;$$;$x$;',
      '-- no; end\nselect (1;2);',
      '/* ; */ select 3',
    ])
  })

  it('drops empty statements', () => expect(sqlOf(';;\n-- nothing\n;')).toEqual([]))

  it('joins with \\;', () => expect(sqlOf('select 1 \\; select 2;')).toEqual(['select 1 ; select 2;']))

  it('knows where a statement stands', () => {
    const text = 'begin;\n  update t set x = 1;\ncommit;'
    const pieces = split(text)
    expect(pieces.map(({ start, end }) => text.slice(start, end))).toEqual(['begin;', 'update t set x = 1;', 'commit;'])
  })

  it('continues a backslash command over a backslash at the end of the line', () => {
    const [set] = split('\\set x 1 + \\\n  2\nselect :x;')
    expect(set).toMatchObject({ kind: 'meta', name: 'set', start: 0, end: 16 })
  })

  it('survives what is not closed', () => {
    for (const text of ["select 'a", 'select $$a', '/* a', '"', 'a\\', '$a$']) expect(() => split(text)).not.toThrow()
  })
})

describe('templates', () => {
  const query = (sql: string, variables: Record<string, PgbenchValue>) =>
    new Template(sql).query(new Map(Object.entries(variables)))

  it('sends values beside the text where literals may stand', () => {
    expect(query('update a set b = b + :d where id = :id', { d: -5, id: 7 })).toEqual({
      template: 'update a set b = b + $1 where id = $2',
      values: ['-5', '7'],
    })
    expect(query('select :a, :b, :c', { a: new Double(2.5), b: true, c: null })).toEqual({
      template: 'select $1, $2, $3',
      values: ['2.5', 'true', 'NULL'],
    })
  })

  it('keeps the text when the values change', () => {
    const template = new Template('select :x')
    const first = template.query(new Map([['x', 1]]))
    const second = template.query(new Map([['x', 2]]))
    expect(second.template).toBe(first.template)
    expect(second.values).toEqual(['2'])
  })

  it('sends a quoted literal with variables in it as a whole', () => {
    expect(query("insert into t values ('n:x', ':y')", { x: 1, y: 'z' })).toEqual({
      template: 'insert into t values ($1, $2)',
      values: ["'n1'", "'z'"],
    })
  })

  it('puts values into the text where no literal may stand', () => {
    expect(query('select * from t_:n', { n: 3 })).toEqual({ template: 'select * from t_3', values: [] })
    expect(query('select * from :t', { t: 'accounts' })).toEqual({ template: 'select * from accounts', values: [] })
    expect(query('set lock_timeout = :ms', { ms: 5 })).toEqual({ template: 'set lock_timeout = 5', values: [] })
    expect(query("select interval ':n s'", { n: 5 })).toEqual({ template: "select interval '5 s'", values: [] })
  })

  it('leaves casts, times, comments, quoted names and unknown variables alone', () => {
    const sql = 'select \'12:30\', x::int, ":a", $$:a$$ /* :a */ , :unknown -- :a'
    expect(query(sql, { a: 1 })).toEqual({ template: sql, values: [] })
  })

  it('goes on after a value that had to be put into the text', () => {
    const template = new Template('select :x')
    expect(template.query(new Map<string, PgbenchValue>([['x', 1]])).template).toBe('select $1')
    expect(template.query(new Map<string, PgbenchValue>([['x', 'now()']])).template).toBe('select now()')
    expect(template.query(new Map<string, PgbenchValue>([['x', 2]])).template).toBe('select $1')
  })
})

describe('scripts', () => {
  it('compiles the built-in ones', () => {
    for (const [name, text] of Object.entries(builtins)) {
      expect(compileScript(scriptOf(text)).diagnostics, name).toEqual([])
    }
    expect(compileScript(scriptOf(builtins['tpcb-like'])).commands.map(({ kind }) => kind)).toEqual([
      ...['set', 'set', 'set', 'set'],
      ...['sql', 'sql', 'sql', 'sql', 'sql', 'sql', 'sql'],
    ])
  })

  it('aims the jumps of \\if', () => {
    const { commands, diagnostics } = compileScript(
      scriptOf('\\if :a\nselect 1;\n\\elif :b\nselect 2;\n\\else\nselect 3;\n\\endif\nselect 4;'),
    )
    expect(diagnostics).toEqual([])
    expect(commands.map(command => (command.kind === 'jump' ? command.to : command.kind))).toEqual([
      ...[3, 'sql', 7],
      ...[6, 'sql', 7],
      ...['sql', 'sql'],
    ])
  })

  it.each([
    ['\\set', 'script'],
    ['\\set :x 1', 'script'],
    ['\\set x', 'script'],
    ['\\set x 1 +', 'script'],
    ['\\sleep', 'script'],
    ['\\sleep 1 h', 'script'],
    ['\\if true', 'script'],
    ['\\endif', 'script'],
    ['\\else', 'script'],
    ['\\if true\n\\else\n\\else\n\\endif', 'script'],
    ['\\startpipeline', 'not-modelled'],
    ['select 1 \\aset', 'not-modelled'],
    ['\\shell ls', 'not-modelled'],
    ['\\frobnicate', 'script'],
  ])('%s is refused', (text, code) => {
    const { diagnostics } = compileScript(scriptOf(text))
    expect(diagnostics.map(each => each.code)).toEqual([code])
    for (const { span } of diagnostics) expect(span.end).toBeGreaterThan(span.start)
  })

  it('points into the source', () => {
    const text = 'select 1;\n  \\set id randon(1, 2)\n'
    const [{ span, help }] = compileScript(scriptOf(text)).diagnostics
    expect(text.slice(span.start, span.end)).toBe('randon')
    expect(help).toBe('did you mean random()?')
  })

  it('takes \\sleep with and without a unit', () => {
    const units = ['\\sleep 1', '\\sleep 1 s', '\\sleep :x ms', '\\sleep 10us'].map(text => {
      const [command] = compileScript(scriptOf(text)).commands
      return command.kind === 'sleep' ? command.unit : undefined
    })
    expect(units).toEqual([1e9, 1e9, 1e6, 1e3])
  })
})
