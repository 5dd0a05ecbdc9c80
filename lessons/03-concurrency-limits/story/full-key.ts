import { setTimeout as pause } from "node:timers/promises";
import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, result, setConcurrencyLimit, task, Worker } from "../engine/index.ts";
import { untilAllEnded } from "./workers.ts";

/** Fills a key, and shows that younger tasks of another key, and without a key, run anyway. */
export async function runBesideFullKey(sql: Sql): Promise<void> {
  let printed = () => {};
  const untilPrinted = new Promise<void>((resolve) => {
    printed = resolve;
  });
  const makeReport = task({ name: "make-report", run: () => untilPrinted });
  const sendMail = task({ name: "send-mail", run: () => {} });
  const tidyUp = task({ name: "tidy-up", run: () => {} });
  await setConcurrencyLimit(sql, "reports", 1);
  await setConcurrencyLimit(sql, "mail", 1);

  const ids = [
    await enqueue(sql, makeReport, "January", { concurrencyKey: "reports" }),
    await enqueue(sql, makeReport, "February", { concurrencyKey: "reports" }),
    await enqueue(sql, makeReport, "March", { concurrencyKey: "reports" }),
    await enqueue(sql, sendMail, "to Ada", { concurrencyKey: "mail" }),
    await enqueue(sql, tidyUp, null),
  ];
  const tasks = [makeReport, sendMail, tidyUp];
  const worker = new Worker(sql, { tasks, slots: 8, pollIntervalMs: 20, log: () => {} });
  worker.start();
  for (const id of ids.slice(-2)) await untilSucceeded(sql, id);

  say('The keys "reports" and "mail" each have a limit of 1. One worker with 8 slots, five tasks:');
  say();
  const tasksNow = await sql`
    select id, name, concurrency_key as key, status
    from tasks
    where id = any(${ids})
    order by id`;
  table(tasksNow);
  say();
  say("Two reports wait for the first one, and block nothing: the younger tasks have succeeded.");
  printed();
  await untilAllEnded(sql);
  await worker.stop();
}

async function untilSucceeded(sql: Sql, id: string): Promise<void> {
  while ((await result(sql, id)).status !== "succeeded") await pause(5);
}
