import { say } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, retry, task } from "../engine/index.ts";
import { version3 } from "./orders.ts";
import { newWorker, printEventLog, runUntilEnded } from "./workers.ts";

/** Deploys version 3, retries the order that version 2 failed, and adds another one. */
export async function deployVersion3(sql: Sql, old: string): Promise<void> {
  const order = task({ name: "order", run: version3("worker-3", () => printNeeds(sql)) });
  await retry(sql, old);
  say(`  version 3 is deployed, and task ${old} is retried`);
  const recent = await enqueue(sql, order, { customer: "Grace" });
  await runUntilEnded(newWorker(sql, "worker-3", [order]), [old, recent]);
  await printNeeds(sql);
  for (const id of [old, recent]) {
    say();
    say(`Task ${id}:`);
    say();
    await printEventLog(sql, id);
  }
}

/** Returns the orders that need the old path of a patch: they have begun and not ended, and their log lacks the patch. */
export async function needOldPath(sql: Sql, patch: string): Promise<string[]> {
  const tasks = await sql`
    select id
    from tasks
    where name = 'order'
      and status in ('queued', 'running', 'failed')
      and event_count > 0
      and not exists (
        select from events where task_id = id and kind = 'patched' and events.name = ${patch}
      )
    order by id`;
  return tasks.map(({ id }) => id);
}

/** Returns the orders that need the call of a patch: they have not ended, and their log has the patch. */
export async function needCall(sql: Sql, patch: string): Promise<string[]> {
  const tasks = await sql`
    select id
    from tasks
    where name = 'order'
      and status in ('queued', 'running', 'failed')
      and exists (
        select from events where task_id = id and kind = 'patched' and events.name = ${patch}
      )
    order by id`;
  return tasks.map(({ id }) => id);
}

async function printNeeds(sql: Sql): Promise<void> {
  const oldPath = await needOldPath(sql, "billing first");
  const call = await needCall(sql, "billing first");
  say(`  the old path is needed by ${listOf(oldPath)}, the call by ${listOf(call)}`);
}

function listOf(ids: string[]): string {
  return ids.length > 0 ? `task ${ids.join(", ")}` : "no task";
}
