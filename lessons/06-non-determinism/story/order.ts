import { say } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, task } from "../engine/index.ts";
import { hireCarrier } from "./carriers.ts";
import { newWorker, printEventLog, runUntilEnded } from "./workers.ts";

/** Lets two carriers race, and fails the first attempt after the race. */
export async function race(sql: Sql): Promise<void> {
  const hire = task({ name: "hire", retry: { backoffMs: 0 }, run: hireCarrier("worker-2") });
  const id = await enqueue(sql, hire, null);
  await runUntilEnded(newWorker(sql, "worker-2", [hire]), [id]);
  say();
  await printEventLog(sql, id);
}
