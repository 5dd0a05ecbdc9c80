import { say, section, table, title } from "shared/console";
import { type Sql, transaction, withLessonDatabase } from "shared/database";
import { enqueue, Worker } from "./engine/index.ts";
import { failAsLesson01 } from "./story/lesson-01.ts";
import { charge, sendInvoice } from "./story/tasks.ts";
import { storeTinyNumbers } from "./story/tiny-numbers.ts";
import { emptyQueue, killOther, startOther } from "./story/two-processes.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("02 · Simple queue");
  // A process takes a moment to start, so we start it before it is needed.
  const other = startOther(url);

  section("Watch lesson 01 fail");
  await failAsLesson01(url);

  section("The same two tasks on lesson 02");
  await enqueue(sql, charge, { card: "4242" });
  await enqueue(sql, charge, { card: "5555" });
  // One at a time, so that the lines are in order.
  const worker = new Worker(sql, {
    name: "worker-1",
    tasks: [charge, sendInvoice],
    batchSize: 1,
    log: (line) => say(`  ${line}`),
  });
  while ((await worker.tick()) > 0);
  say();
  table(await sql`select id, name, status, output, error ->> 'message' as error from tasks`);

  section("Enqueue joins your transaction");
  await sql`create table orders (id int primary key)`;
  await placeOrder(sql, 1);
  await placeOrder(sql, 2).catch((error) => say(`  order 2 rolled back: ${error.message}`));
  while ((await worker.tick()) > 0);

  section("A number as json and as jsonb");
  await storeTinyNumbers(sql);

  section("Two processes, one queue");
  await emptyQueue(sql, other);

  section("Kill a worker");
  await killOther(sql, other);

  section("The table afterwards");
  table(await sql`select name, status, count(*)::int from tasks group by 1, 2 order by 1, 2`);
});

async function placeOrder(sql: Sql, order: number): Promise<void> {
  await transaction(sql, async (tx) => {
    await tx`insert into orders values (${order})`;
    await enqueue(tx, sendInvoice, { order });
    if (order === 2) throw new Error("out of stock");
  });
  say(`  order ${order} committed`);
}
