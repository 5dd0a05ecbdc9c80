import { setTimeout as pause } from "node:timers/promises";
import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, result, setConcurrencyLimit, task, Worker } from "../engine/index.ts";
import { untilAllEnded } from "./workers.ts";

/** Fills a key, and shows that what stands behind its tasks runs all the same. */
export async function goPastFullKey(sql: Sql): Promise<void> {
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

  say('"reports" has a limit of 1, and so has "mail". A worker with 8 slots has found five tasks:');
  say();
  const tasksNow = await sql`
    select id, name, concurrency_key as key, status
    from tasks
    where id = any(${ids})
    order by id`;
  table(tasksNow);
  say();
  say("Seven slots are free, and yet two reports wait. What stood behind them in line is done.");
  printed();
  await untilAllEnded(sql);
  await worker.stop();
}

async function untilSucceeded(sql: Sql, id: string): Promise<void> {
  while ((await result(sql, id)).status !== "succeeded") await pause(5);
}
