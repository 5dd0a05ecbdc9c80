import { setTimeout as pause } from "node:timers/promises";
import { say, section, table, title } from "shared/console";
import { type Sql, transaction, withLessonDatabase } from "shared/database";
import { enqueue, result, Worker } from "./engine/index.ts";
import { emptyQueue, type Fleet, startFleet } from "./story/four-processes.ts";
import { failAsLesson01 } from "./story/lesson-01.ts";
import { charge, hang, sendInvoice } from "./story/tasks.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("02 · Simple queue");
  // Processes take a moment to start; these do while the first parts are told.
  const fleet = startFleet(url);

  section("Watch lesson 01 fail");
  await failAsLesson01(sql, url);

  section("The same two tasks on lesson 02");
  await enqueue(sql, charge, { card: "4242" });
  await enqueue(sql, charge, { card: "5555" });
  const worker = newWorker(sql);
  while ((await worker.tick()) > 0);
  say();
  table(await sql`select id, name, status, output, error ->> 'message' as error from tasks`);

  section("Enqueue joins your transaction");
  await sql`create table orders (id int primary key)`;
  await placeOrder(sql, 1);
  await placeOrder(sql, 2).catch((error) => say(`  order 2 rolled back: ${error.message}`));
  await worker.tick();

  section("Four processes, one queue");
  await emptyQueue(sql, fleet);

  section("Break it");
  await killInMidTask(sql, fleet);

  section("What it left");
  table(await sql`select name, status, count(*)::int from tasks group by 1, 2 order by 1, 2`);
  fleet.ledger.remove();
});

function newWorker(sql: Sql): Worker {
  return new Worker(sql, {
    name: "worker-1",
    tasks: [charge, sendInvoice],
    batchSize: 1,
    log: (line) => say(`  ${line}`),
  });
}

async function placeOrder(sql: Sql, order: number): Promise<void> {
  await transaction(sql, async (tx) => {
    await tx`insert into orders values (${order})`;
    await enqueue(tx, sendInvoice, { order });
    if (order === 2) throw new Error("out of stock");
  });
  say(`  order ${order} committed`);
}

async function killInMidTask(sql: Sql, { processes }: Fleet): Promise<void> {
  const id = await enqueue(sql, hang, {});
  while ((await result(sql, id)).status !== "running") await pause(10);
  say("One of the four has claimed a task that takes long. Now all four get a kill -9.");
  await Promise.all(processes.map((each) => each.kill()));

  const claimed = await newWorker(sql).tick();
  say(`A new worker asks for work and gets ${claimed} tasks: the dead one's is still its own.`);
  say();
  table(await sql`select id, name, status from tasks where id = ${id}`);
}
