// The word `ask`: played by steps/ask.ts.

import type { WordDefinition } from '../../model/vocabulary.ts'

export const ask: WordDefinition = {
  name: 'ask',
  summary: 'A question to the reader, before the answer is seen.',
  example: 'at 4.9s ask "What will the other seven see?" { answer = "A warning, then the end of the connection." }',
  section: 'timeline',
  lead: 'optional',
  about: { type: 'prose', summary: 'The question.' },
  settings: {
    answer: { type: 'prose', summary: 'The answer.' },
    choices: { type: 'prose', list: true, optional: true, summary: 'Answers to choose from.' },
    hint: { type: 'prose', optional: true, summary: 'What helps to find it.' },
  },
}
