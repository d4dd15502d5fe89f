import { defineConfig } from 'vitest/config'

const real = 'test/**/real/**/*.test.ts'

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // A page on a busy machine answers late.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'simulated',
          include: ['test/**/*.test.ts'],
          exclude: [real, 'node_modules/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real servers live on the wall clock: one after the other, when everything else is done.
        extends: true,
        test: { name: 'real', include: [real], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
