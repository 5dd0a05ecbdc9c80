import { say, section, table, title } from "shared/console";
import { one, pgtyped, type Sql, untilWaiting, withLessonDatabase } from "shared/database";
import { enqueue, task, Worker } from "./engine/index.ts";
import { claimTasks, lockTasks, readTasks } from "./sql/queries.ts";
import { race } from "./story/race.ts";

const sendInvoice = task({
  name: "send-invoice",
  run: (input: { order: number }) => say(`  sent the invoice of order ${input.order}`),
});

await withLessonDatabase(import.meta.url, async ({ sql, name }) => {
  title("01 · Prerequisites");

  section("Postgres is up");
  const { version } = one(await sql`select split_part(version(), ' on ', 1) as version`);
  say(`${version}, database ${name}. One table, two rows, read by a typed query:`);
  say();
  await enqueueTwo(sql);
  table(await readTasks.run({ limit: 10 }, pgtyped(sql)));

  section("Race 1: read a row");
  await enqueueTwo(sql);
  await race(sql, async (a, b) => {
    await a.reads(readTasks);
    await b.reads(readTasks);
    await a.commits();
    await b.commits();
  });
  say("Both got task 1, so both would run it. Reading takes no lock.");

  section("Race 2: read a row, for update");
  await enqueueTwo(sql);
  await race(sql, async (a, b) => {
    await a.reads(lockTasks);
    const taskId = b.asks(lockTasks);
    await untilWaiting(sql, b.pid);
    b.says("waits for A …");
    await a.deletesAndCommits();
    b.got(await taskId);
    await b.deletesAndCommits();
  });
  say("Each got its own task, but B waited until A had committed.");

  section("Race 3: read a row, for update skip locked");
  await enqueueTwo(sql);
  await race(sql, async (a, b) => {
    await a.reads(claimTasks);
    await b.reads(claimTasks);
    await b.deletesAndCommits();
    await a.deletesAndCommits();
  });
  say("Each got its own task, and neither waited.");

  section("The smallest worker");
  await enqueueTwo(sql);
  say("The queue has two tasks. The worker claims, runs and deletes one per transaction:");
  say();
  const worker = new Worker(sql, { tasks: [sendInvoice] });
  while ((await worker.tick()) > 0);
  say();
  say("The table tasks afterwards:");
  say();
  table(await readTasks.run({ limit: 10 }, pgtyped(sql)));
});

async function enqueueTwo(sql: Sql): Promise<void> {
  await sql`truncate tasks restart identity`;
  await enqueue(sql, sendInvoice, { order: 1 });
  await enqueue(sql, sendInvoice, { order: 2 });
}
