// The source tree as the house rules see it: its files, what each imports, and TypeScript's view of it.

import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

export const root = join(import.meta.dirname, '../..')

export interface Import {
  readonly from: string
  /** A path below the root, or a package's name. */
  readonly to: string
  readonly line: number
  readonly typeOnly: boolean
}

const configuration = ts.getParsedCommandLineOfConfigFile(
  join(root, 'tsconfig.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: diagnostic => {
      throw new Error(String(diagnostic.messageText))
    },
  },
)!

export const program = ts.createProgram(configuration.fileNames, configuration.options)

/** Making it also binds the files, so that every node knows its parent. */
export const checker = program.getTypeChecker()

export function pathOf(file: ts.SourceFile): string {
  return relative(root, file.fileName)
}

export const sources = program.getSourceFiles().filter(file => pathOf(file).startsWith('src/'))

export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile()
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

export function importsOf(file: ts.SourceFile): Import[] {
  const imports: Import[] = []
  const add = (specifier: ts.Expression, typeOnly: boolean) => {
    if (!ts.isStringLiteral(specifier)) return
    const to = specifier.text.startsWith('.')
      ? relative(root, join(dirname(file.fileName), specifier.text))
      : specifier.text
    imports.push({ from: pathOf(file), to, line: lineOf(specifier), typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return imports
}

export const imports = sources.flatMap(importsOf)
