// What bin/run.js needs of oclif: bundled, because loading it in pieces takes three times as long.

export { execute } from '@oclif/core'
