import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import { LIVELY, until } from "shared/story";
import { enqueue, task, Worker } from "../engine/index.ts";

/** Enqueues tasks with different priorities, delays and queues, and runs those of the default queue in a single slot. */
export async function chooseWork(sql: Sql): Promise<void> {
  let ran = 0;
  const send = task({
    name: "send",
    run: (what: string) => {
      say(`  sent ${what}`);
      ran += 1;
    },
  });
  await enqueue(sql, send, "newsletter", { priority: "low" });
  await enqueue(sql, send, "report", { queue: "reports" });
  await enqueue(sql, send, "invoice", { idempotencyKey: "order 7" });
  await enqueue(sql, send, "invoice", { idempotencyKey: "order 7" });
  await enqueue(sql, send, "reminder", { priority: "high", delayMs: 1_000 });
  await enqueue(sql, send, "alert", { priority: "high" });
  table(
    await sql`
      select id, input #>> '{}' as input, queue, priority, idempotency_key as key,
             case when run_at > now() then 'in 1 s' else 'now' end as due
      from tasks
      where name = 'send'
      order by id`,
  );
  say();
  const worker = new Worker(sql, { tasks: [send], slots: 1, log: () => {}, ...LIVELY });
  worker.start();
  await until(async () => ran === 4);
  await worker.stop();
}
