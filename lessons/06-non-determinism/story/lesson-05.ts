import * as lesson05 from "lesson-05/engine/index.ts";
import { say, workerLog } from "shared/console";
import type { Sql } from "shared/database";
import { connectToTables, PATIENT } from "shared/story";
import { hireCarrier } from "./carriers.ts";
import { lateTruck, version1, version2 } from "./orders.ts";
import { printEventLog, runUntilEnded, stopAtTheTruck } from "./workers.ts";

const { log, hasLoggedEnd } = workerLog();
const retry = { backoffMs: 0 };

/** Connects to tables of lesson 05, which it creates in a schema of their own. */
export function connectLesson05(url: string): Promise<Sql> {
  const tables = new URL("../../05-event-log/sql/schema.sql", import.meta.url);
  return connectToTables(url, tables, { schema: "lesson_05", applicationName: "lesson-06" });
}

/** Deploys version 2 while an order of version 1 waits for its truck. */
export async function deployAsLesson05(sql: Sql): Promise<void> {
  const truck = lateTruck();
  const old = lesson05.task({ name: "order", run: version1("worker-1", truck.wait) });
  const recent = lesson05.task({ name: "order", run: version2("worker-2") });
  const id = await lesson05.enqueue(sql, old, { customer: "Ada" });
  await stopAtTheTruck(newWorker(sql, "worker-1", old), truck);
  say("  version 2 is deployed");
  await runUntilEnded(newWorker(sql, "worker-2", recent), [id], hasLoggedEnd);
  say();
  await printEventLog(sql, id);
}

/** Lets two carriers race, and fails the first attempt after the race. */
export async function raceAsLesson05(sql: Sql): Promise<void> {
  const hire = lesson05.task({ name: "hire", retry, run: hireCarrier("worker-2") });
  const id = await lesson05.enqueue(sql, hire, null);
  await runUntilEnded(newWorker(sql, "worker-2", hire), [id], hasLoggedEnd);
  say();
  await printEventLog(sql, id);
}

function newWorker(
  sql: Sql,
  name: string,
  definition: lesson05.TaskDefinition<never, unknown>,
): lesson05.Worker {
  return new lesson05.Worker(sql, { tasks: [definition], name, log, slots: 1, ...PATIENT });
}
