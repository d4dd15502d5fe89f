// The house rules that a machine can keep: layers, circles, forgotten `yield*`, clocks and chance, dead files.

import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { checker, type Import, imports, lineOf, pathOf, sources } from './tidy/program.ts'

/** The rooms of src/, from the one that imports nothing to the one that may import all. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  dsl: ['model'],
  checks: ['model'],
  report: ['model'],
  compare: ['model', 'report'],
  runtime: ['model', 'checks'],
  index: ['model', 'dsl', 'checks', 'report', 'compare', 'runtime'],
  real: ['model', 'runtime'],
  commands: ['model', 'dsl', 'checks', 'report', 'compare', 'runtime', 'index', 'real'],
}

/** The rooms of the simulated engine, lowest first: each imports only those before it. */
const layers = [
  'kernel',
  'machine',
  'settings',
  'shared',
  'statistics',
  'wal',
  'replication',
  'storage',
  'locks',
  'transactions',
  'notify',
  'access',
  'recovery',
  'catalog',
  'logical',
  'sql',
  'maintenance',
  'server',
  'processes',
  'views',
  'cluster',
  'driver',
  'index',
]

const simulated = 'src/runtime/simulated/'

function roomOf(path: string): string {
  return path.split('/')[1].replace(/\.ts$/, '')
}

function layerOf(path: string): string {
  return path.slice(simulated.length).split('/')[0].replace(/\.ts$/, '')
}

function told(import_: Import): string {
  return `${import_.from}:${import_.line} imports ${import_.to}`
}

function visitAll(visit: (node: ts.Node, path: string) => void): void {
  for (const file of sources) {
    const walk = (node: ts.Node): void => {
      visit(node, pathOf(file))
      ts.forEachChild(node, walk)
    }
    walk(file)
  }
}

describe('layers', () => {
  const inside = imports.filter(each => each.to.startsWith('src/'))

  test('the rooms of src/ import only what they may', () => {
    const wrong = inside.filter(
      each => roomOf(each.from) !== roomOf(each.to) && !rooms[roomOf(each.from)]?.includes(roomOf(each.to)),
    )
    expect(wrong.map(told)).toEqual([])
  })

  test('the rooms of the simulated engine import only the rooms below', () => {
    const wrong = inside.filter(
      each =>
        each.from.startsWith(simulated) &&
        each.to.startsWith(simulated) &&
        layers.indexOf(layerOf(each.to)) > layers.indexOf(layerOf(each.from)),
    )
    expect(wrong.map(told)).toEqual([])
  })

  test('every room of the simulated engine has its place in the list', () => {
    const found = new Set(sources.map(pathOf).filter(path => path.startsWith(simulated)))
    expect([...new Set([...found].map(layerOf))].filter(layer => !layers.includes(layer))).toEqual([])
  })

  test('only the list of processes imports a process', () => {
    const processes = `${simulated}processes/`
    const wrong = inside.filter(
      each =>
        each.to.startsWith(processes) &&
        each.from.startsWith(processes) &&
        !each.from.endsWith('/index.ts') &&
        processTypes().has(each.to),
    )
    expect(wrong.map(told)).toEqual([])
  })

  /** The files that the visible list of processes names. */
  function processTypes(): Set<string> {
    return new Set(inside.filter(each => each.from === `${simulated}processes/index.ts`).map(each => each.to))
  }
})

test('no circles of imports', () => {
  const edges = new Map<string, string[]>()
  for (const each of imports.filter(each => !each.typeOnly && each.to.startsWith('src/'))) {
    edges.set(each.from, [...(edges.get(each.from) ?? []), each.to])
  }
  const circles: string[] = []
  const state = new Map<string, 'open' | 'closed'>()
  const visit = (path: string, trail: string[]): void => {
    if (state.get(path) === 'closed') return
    if (state.get(path) === 'open') {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      return
    }
    state.set(path, 'open')
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    state.set(path, 'closed')
  }
  for (const path of edges.keys()) visit(path, [])
  expect(circles).toEqual([])
})

test('no forgotten yield*: a coroutine that is called is waited for or handed on', () => {
  const forgotten: string[] = []
  visitAll((node, path) => {
    if (!ts.isCallExpression(node)) return
    const symbol = checker.getTypeAtLocation(node).getSymbol()
    if (symbol?.name !== 'Generator') return
    let parent = node.parent
    while (ts.isParenthesizedExpression(parent)) parent = parent.parent
    const dropped =
      ts.isExpressionStatement(parent) ||
      ts.isVoidExpression(parent) ||
      ts.isIfStatement(parent) ||
      ts.isPrefixUnaryExpression(parent) ||
      ts.isAwaitExpression(parent) ||
      (ts.isYieldExpression(parent) && !parent.asteriskToken) ||
      (ts.isBinaryExpression(parent) && parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
    if (dropped) forgotten.push(`${path}:${lineOf(node)} ${node.getText().slice(0, 60)}`)
  })
  expect(forgotten).toEqual([])
})

test('no clocks and no chance but those of the run', () => {
  const banned = new Set(['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'hrtime'])
  const math = /^Math\.(random|a?(sin|cos|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow)$/
  const found: string[] = []
  visitAll((node, path) => {
    if (path.startsWith('src/commands/') || path.startsWith('src/runtime/real/')) return
    const isType = ts.isTypeNode(node.parent ?? node)
    const wrong =
      (ts.isIdentifier(node) && banned.has(node.text) && !isType && !ts.isPropertyAccessExpression(node.parent)) ||
      (ts.isPropertyAccessExpression(node) && math.test(node.getText())) ||
      (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && banned.has(node.expression.text)) ||
      (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken)
    if (wrong) found.push(`${path}:${lineOf(node)} ${node.getText().slice(0, 60)}`)
  })
  expect(found).toEqual([])
})

test('only the commands touch the terminal, files and the exit status', () => {
  const found: string[] = []
  for (const each of imports) {
    if (/^src\/(commands|runtime\/real)\//.test(each.from)) continue
    if (/^(node:)?(fs|child_process|net|tty|readline)/.test(each.to)) found.push(told(each))
  }
  visitAll((node, path) => {
    if (path.startsWith('src/commands/')) return
    if (ts.isIdentifier(node) && node.text === 'console') found.push(`${path}:${lineOf(node)} console`)
  })
  expect(found).toEqual([])
})

test('no dead files: every source is reached from the library or a command', () => {
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const each of imports) if (each.from === path) visit(each.to)
  }
  for (const path of sources.map(pathOf)) {
    if (path === 'src/index.ts' || path.startsWith('src/commands/')) visit(path)
  }
  expect(sources.map(pathOf).filter(path => !reached.has(path))).toEqual([])
})

test('every file opens with what it does', () => {
  const silent = sources.filter(file => !file.text.startsWith('//') && !file.text.startsWith('/*'))
  expect(silent.map(pathOf)).toEqual([])
})
