// The budgets of a scenario: what exceeds them is refused with a message instead of being slow.

/** Of the whole file, in UTF-16 code units. */
export const longestText = 1_048_576
/** Blocks, parentheses and prefix operators inside each other. */
export const deepestNesting = 64
/** Of one expression. */
export const mostTokensOfExpression = 2_000
/** Scenarios that the `vary` of one file multiply to. */
export const mostVariants = 256
/** Statements of a file times its variants. */
export const mostStatements = 50_000
/** Nodes of a YAML document once its aliases are resolved. */
export const mostYamlNodes = 150_000
/** Diagnostics of one file; the rest is only counted. */
export const mostDiagnostics = 100
