import { type ConnectOptions, connect, one, type ReservedSql, type Sql } from "shared/database";
import {
  explain,
  freshDatabase,
  Gate,
  recordStatements,
  type Statement,
  stoppingAt,
} from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueueMany, type TaskDefinition, task } from "#engine";
import { GROUPS } from "./groups.ts";
import { tickOnce } from "./twenty.ts";

const FIFTY = Array.from({ length: 50 }, (_, input) => ({ input }));

const child = task({ name: "child", run: (n: number) => n });
const parent = durableTask({ name: "parent", run: (n: number, { run }) => run(child, n) });

type Case = { what: string; batch: string; definition: TaskDefinition<never, unknown> };

const CASES: Case[] = [
  ...GROUPS.map((group) => ({ ...group, definition: group.definition(() => {}) })),
  { what: "outputs of children", batch: "succeedTasks", definition: child },
];

test.each(CASES)(
  "a group of fifty $what reads no rows but its own, and compares each with few",
  async ({ batch, definition }) => {
    const { sql, connection } = await databaseWithFifty(definition);
    const { group, goOn } = await stoppedBefore(sql, batch, definition);
    // One that has kept plans which were made while there was nothing to read.
    const old = connection();
    for (let n = 0; n < 10; n += 1) await rowsRead(old, group);
    await addOthers(sql);
    const fresh = [await rowsRead(old, group), await rowsRead(connection(), group)];
    const freshPairs = await pairsThrownAway(connection(), group);
    await sql`analyze tasks, events`;
    const analyzed = [await rowsRead(old, group), await rowsRead(connection(), group)];
    const analyzedPairs = await pairsThrownAway(connection(), group);
    await goOn();

    for (const pairs of [freshPairs, analyzedPairs]) {
      expect(pairs).toBeLessThanOrEqual(10 * FIFTY.length);
    }
    for (const read of [...fresh, ...analyzed]) expectItsOwn(read);
  },
);

test.each([...CASES, { what: "claims", batch: "claimTasks", definition: child }])(
  "planned once, while the tables are known to be small, a group of fifty $what reads no more when they have grown",
  async ({ batch, definition }) => {
    const { sql, connection } = await databaseWithFifty(definition);
    const { group, goOn } = await stoppedBefore(sql, batch, definition);
    await sql`analyze tasks, events`;
    const once = connection({ planOnce: true });
    await rowsRead(once, group);
    await addOthers(sql);
    const read = await rowsRead(once, group);
    await goOn();

    expectItsOwn(read);
  },
);

async function databaseWithFifty(definition: Case["definition"]) {
  const { sql, url, schema } = await freshDatabase();
  const connection = (options: ConnectOptions = {}) => {
    const single = connect(url, { ...options, schema, max: 1 });
    onTestFinished(() => single.end());
    return single;
  };
  await sql`alter table tasks set (autovacuum_enabled = false)`;
  await sql`alter table events set (autovacuum_enabled = false)`;
  if (definition === child) {
    await enqueueMany(sql, parent, FIFTY);
    await tickOnce(sql, parent, { slots: 50 });
  } else {
    await enqueueMany(sql, definition as TaskDefinition<number, unknown>, FIFTY);
  }
  return { sql, connection };
}

function expectItsOwn({ scanned, fetched }: { scanned: number; fetched: number }): void {
  expect(scanned).toBe(0);
  // Found, locked and updated.
  expect(fetched).toBeGreaterThanOrEqual(2 * FIFTY.length);
  expect(fetched).toBeLessThanOrEqual(10 * FIFTY.length);
}

/** A worker with fifty tasks that is about to send a statement for all of them. */
async function stoppedBefore(sql: Sql, query: string, definition: Case["definition"]) {
  const gate = new Gate();
  const stopping = stoppingAt(sql, { query, when: "before" }, () => gate.pass());
  const recorded = recordStatements(stopping);
  const ticked = tickOnce(recorded.sql, definition, { slots: 50 });
  await gate.arrived(1);
  const goOn = async () => {
    gate.open();
    await ticked;
  };
  return { group: one(recorded.of(query)), goOn };
}

async function addOthers(sql: Sql): Promise<void> {
  await sql`
    insert into tasks (name, input)
    select 'known to others', '1' from generate_series(1, 50000)`;
  await sql`
    insert into events (task_id, seq, position, kind, name, attempt, status, output)
    select (select max(id) from tasks), n, n, 'step', 'step', 1, 'succeeded', '1'
    from generate_series(1, 20000) as n`;
}

/** How many rows of the tables a statement reads, by scans of a whole table and by its indexes; takes back what it did. */
async function rowsRead(sql: Sql, { text, values }: Statement) {
  const connection = await sql.reserve();
  try {
    await connection`begin`;
    const before = await rowsReadSoFar(connection);
    await connection.unsafe(text, values as never[], { prepare: true });
    const after = await rowsReadSoFar(connection);
    return { scanned: after.scanned - before.scanned, fetched: after.fetched - before.fetched };
  } finally {
    await connection`rollback`;
    connection.release();
  }
}

/** How many pairs of rows a join looks at for nothing. */
async function pairsThrownAway(sql: Sql, statement: Statement): Promise<number> {
  return (await explain(sql, statement))
    .map((node) => (node["Rows Removed by Join Filter"] ?? 0) * node["Actual Loops"])
    .reduce((sum, pairs) => sum + pairs, 0);
}

/** By this connection, since it last told. */
async function rowsReadSoFar(
  connection: ReservedSql,
): Promise<{ scanned: number; fetched: number }> {
  return one(
    await connection`
    select sum(seq_tup_read)::int as scanned, sum(idx_tup_fetch)::int as fetched
    from pg_stat_xact_user_tables
    where schemaname = current_schema()
      and relname in ('tasks', 'events')`,
  ) as { scanned: number; fetched: number };
}
