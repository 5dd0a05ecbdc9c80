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
  say("Both got task 1, so both would run it: reading takes no lock.");

  section("Race 2: read a row, for update");
  await enqueueTwo(sql);
  await race(sql, async (a, b) => {
    await a.reads(lockTasks);
    const answer = b.asks(lockTasks);
    await untilWaiting(sql, b.pid);
    b.says("waits for A …");
    await a.deletesAndCommits();
    b.got(await answer);
    await b.deletesAndCommits();
  });
  say("Each got a task of its own, but B stood still until A was done.");

  section("Race 3: read a row, for update skip locked");
  await enqueueTwo(sql);
  await race(sql, async (a, b) => {
    await a.reads(claimTasks);
    await b.reads(claimTasks);
    await b.deletesAndCommits();
    await a.deletesAndCommits();
  });
  say("Each got a task of its own, and nobody waited.");

  section("The smallest worker");
  await enqueueTwo(sql);
  say("Two tasks are enqueued; a worker claims, runs and deletes one per transaction:");
  say();
  const worker = new Worker(sql, { tasks: [sendInvoice] });
  while ((await worker.tick()) > 0);
  say();
  say("What it left in the table tasks:");
  say();
  table(await readTasks.run({ limit: 10 }, pgtyped(sql)));
});

async function enqueueTwo(sql: Sql): Promise<void> {
  await sql`truncate tasks restart identity`;
  await enqueue(sql, sendInvoice, { order: 1 });
  await enqueue(sql, sendInvoice, { order: 2 });
}
