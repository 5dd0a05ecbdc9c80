import path from "node:path";
import { connect, one, type Sql } from "shared/database";
import {
  explain,
  freshDatabase,
  lessonUnderTest,
  type PlanNode,
  pagesTouched,
  recordStatements,
  rowsRead,
  type Statement,
} from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, result, task, Worker } from "#engine";

const work = task({ name: "work", run: (_: number) => {} });
const TEN = Array.from({ length: 10 }, (_, input) => ({ input }));
// In later lessons a tenth is enough.
const MILLION = path.basename(lessonUnderTest()).startsWith("04") ? 1_000_000 : 100_000;
const UPKEEP = ["insertWorker", "heartbeat", "reclaimTasks"];

test("a claim of ten tasks costs the same among three million others: future ones of a higher priority, finished ones, and those of another queue", async () => {
  const { url, schema } = await freshDatabase();
  const sql = connect(url, { schema, max: 1 });
  onTestFinished(() => sql.end());
  const claim = await claimOfTen(sql);
  const cost = async () => ({
    plan: await explain(sql, claim),
    pages: await pagesTouched(sql, claim),
  });
  await enqueueMany(sql, work, TEN);
  const alone = await cost();

  // An unlogged table loads in half the time and is read like any other. A logged table must not refer to it.
  const referring = await sql`
    select distinct conrelid::regclass::text as table
    from pg_constraint
    where confrelid = 'tasks'::regclass and conrelid <> confrelid`;
  for (const { table } of [...referring, { table: "tasks" }]) {
    await sql`alter table ${sql(table)} set unlogged`;
  }
  await sql`
    insert into tasks (name, input, priority, run_at)
    select 'work', '1', 'high', now() + n * interval '1 second' from generate_series(1, ${MILLION}) as n`;
  await sql`
    insert into tasks (name, input, status, output)
    select 'work', '1', 'succeeded', '1' from generate_series(1, ${MILLION})`;
  await sql`
    insert into tasks (name, input, queue, run_at)
    select 'work', '1', 'another', now() - interval '1 day' + n * interval '1 millisecond'
    from generate_series(1, ${MILLION}) as n`;
  const fresh = await cost();
  await sql`analyze tasks`;
  const analyzed = await cost();

  const { version } = one(await sql`select current_setting('server_version_num')::int as version`);
  // Before version 17, Postgres looks up each of the ten from the root of an index, which is deeper now.
  const more = version < 170_000 ? 30 : 0;
  for (const { plan, pages } of [alone, fresh, analyzed]) {
    // Ten from the index, and the same ten by their id, to update them.
    expect(rowsRead(plan, "tasks")).toBe(20);
    expect(rowsSorted(plan)).toBeLessThanOrEqual(10);
    expect(pages).toBeLessThanOrEqual(1.5 * alone.pages + more);
  }
}, 300_000);

test("a task costs three statements: one adds it, one claims it, one ends it", async () => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [work], log: () => {} });
  const id = await enqueue(recorded.sql, work, 1);
  await worker.tick();

  expect(recorded.takeNames(UPKEEP)).toEqual(["insertTasks", "claimTasks", "endRun"]);
  expect(await result(sql, id)).toMatchObject({ status: "succeeded" });
});

test("an idle worker sends one statement per poll, and two more per heartbeat", async () => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  const options = { tasks: [work], pollIntervalMs: 1, heartbeatIntervalMs: 1_000_000 };
  const worker = new Worker(recorded.sql, { ...options, leaseMs: 2_000_000, log: () => {} });
  worker.start();
  await expect.poll(() => recorded.statements.length).toBeGreaterThan(20);
  await worker.stop();

  const others = recorded.takeNames("claimTasks");
  expect(others).toEqual(["insertWorker", "heartbeat", "reclaimTasks", "deleteWorker"]);
});

/** Returns the statement that a worker with ten free slots claims tasks with. */
async function claimOfTen(sql: Sql): Promise<Statement> {
  const recorded = recordStatements(sql);
  await new Worker(recorded.sql, { tasks: [work], slots: 10, log: () => {} }).tick();
  return one(recorded.of("claimTasks"));
}

/** Returns the largest number of rows that any sort got. */
function rowsSorted(plan: PlanNode[]): number {
  const sorts = plan.filter((node) => node["Node Type"].includes("Sort"));
  const inputs = sorts.flatMap(({ Plans = [] }) => Plans);
  return Math.max(0, ...inputs.map((node) => node["Actual Rows"] * node["Actual Loops"]));
}
