// What cannot be done to real servers, by request: the run goes on without it, says so, and `compare` counts it.

export const notPlayed = {
  fail: 'the calls of a real operating system do not fail on request',
  degrade: "a real machine's disks, processors and links stay as they are",
  corrupt: 'a real server has the page in memory, and damage on the disk may never be seen',
} as const
