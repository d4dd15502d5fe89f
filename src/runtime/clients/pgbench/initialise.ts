// What `pgbench -i` does with its steps d, t, g, v and p: tables, rows made by the server as with `-I dtGvp`, a vacuum,
// primary keys. The client-side copy of step g needs COPY, and leaves the same rows.

/** One statement a line; `scale` is pgbench's scale factor. */
export function initialisation(scale: number): string {
  return `drop table if exists pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers;
create table pgbench_history(tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
create table pgbench_tellers(tid int not null, bid int, tbalance int, filler char(84)) with (fillfactor=100);
create table pgbench_accounts(aid int not null, bid int, abalance int, filler char(84)) with (fillfactor=100);
create table pgbench_branches(bid int not null, bbalance int, filler char(88)) with (fillfactor=100);
begin;
insert into pgbench_branches(bid, bbalance) select bid, 0 from generate_series(1, ${scale}) as bid;
insert into pgbench_tellers(tid, bid, tbalance) select tid, (tid - 1) / 10 + 1, 0 from generate_series(1, ${10 * scale}) as tid;
insert into pgbench_accounts(aid, bid, abalance, filler) select aid, (aid - 1) / 100000 + 1, 0, '' from generate_series(1, ${100000 * scale}) as aid;
commit;
vacuum analyze pgbench_branches;
vacuum analyze pgbench_tellers;
vacuum analyze pgbench_accounts;
vacuum analyze pgbench_history;
alter table pgbench_branches add primary key (bid);
alter table pgbench_tellers add primary key (tid);
alter table pgbench_accounts add primary key (aid);
`
}
