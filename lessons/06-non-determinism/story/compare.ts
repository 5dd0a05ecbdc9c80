import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, result, type TaskContext, task, Worker } from "../engine/index.ts";
import { lateTruck, version1, version2 } from "./orders.ts";
import { newWorker, runUntilEnded, stopAtTheTruck } from "./workers.ts";

const retry = { maxAttempts: 5, backoffMs: 0 };

/** Charges and notifies. Its first attempt fails after that. */
const pay = task({
  name: "pay",
  retry,
  run: async (_: null, { step }) => {
    await step("charge", () => "paid", { input: { euros: 42 } });
    await step("notify", () => "sent");
    throw new Error("the network is down");
  },
});

/** The same with another amount. */
const payMore = changedPay(async ({ step }) => {
  await step("charge", () => "paid", { input: { euros: 43 } });
  await step("notify", () => "sent");
});

/** The same without its second step. */
const payQuietly = changedPay(async ({ step }) => {
  await step("charge", () => "paid", { input: { euros: 42 } });
});

/** Deploys version 2 while an order of version 1 waits for its truck. Returns the order's id. */
export async function deployVersion2(sql: Sql): Promise<string> {
  const truck = lateTruck();
  const old = task({ name: "order", run: version1("worker-1", truck.wait) });
  const recent = task({ name: "order", run: version2("worker-2") });
  const id = await enqueue(sql, old, { customer: "Ada" });
  await stopAtTheTruck(newWorker(sql, "worker-1", [old]), truck);
  say("  version 2 is deployed");
  await runUntilEnded(newWorker(sql, "worker-2", [recent]), [id]);
  await printReport(sql, id);
  say();
  table(
    await sql`
      select id, name, status, attempt, event_count as events from tasks where id = ${id}`,
  );
  return id;
}

/** Changes the input of a step, and in another task leaves out a step. */
export async function changeSteps(sql: Sql): Promise<void> {
  for (const [index, changed] of [payMore, payQuietly].entries()) {
    if (index > 0) say();
    const id = await enqueue(sql, pay, null);
    await new Worker(sql, { tasks: [pay], log: () => {} }).tick();
    await runUntilEnded(newWorker(sql, "worker-2", [changed]), [id]);
    await printReport(sql, id);
  }
}

async function printReport(sql: Sql, id: string): Promise<void> {
  const ended = await result(sql, id);
  if (ended.status !== "failed") throw new Error(`Task ${id} is ${ended.status}`);
  say();
  for (const line of ended.error.message.split("\n")) say(`  ${line}`.trimEnd());
}

function changedPay(run: (context: TaskContext) => Promise<void>) {
  return task({ name: "pay", retry, run: (_: null, context) => run(context) });
}
