// pgbench's built-in scripts, by name.

const setAid = '\\set aid random(1, 100000 * :scale)'
const setOthers = `\\set bid random(1, 1 * :scale)
\\set tid random(1, 10 * :scale)
\\set delta random(-5000, 5000)`
const updateAccount = 'UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;'
const selectAccount = 'SELECT abalance FROM pgbench_accounts WHERE aid = :aid;'
const insertHistory =
  'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);'

export const builtins: Readonly<Record<string, string>> = {
  'tpcb-like': `${setAid}
${setOthers}
BEGIN;
${updateAccount}
${selectAccount}
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
${insertHistory}
END;
`,
  'simple-update': `${setAid}
${setOthers}
BEGIN;
${updateAccount}
${selectAccount}
${insertHistory}
END;
`,
  'select-only': `${setAid}
${selectAccount}
`,
}
