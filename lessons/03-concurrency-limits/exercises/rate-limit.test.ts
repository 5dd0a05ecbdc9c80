import type { Sql } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, setConcurrencyLimit, task, Worker } from "#engine";

test("a key starts at most three tasks a minute, however fast they end", async () => {
  const { sql } = await freshDatabase();
  await limitStartsPerMinute(sql, 3);
  const call = task({ name: "call", run: () => {} });
  await setConcurrencyLimit(sql, "api", 2);
  const tasks = Array.from({ length: 10 }, () => ({ input: null, concurrencyKey: "api" }));
  await enqueueMany(sql, call, tasks);

  const worker = new Worker(sql, { tasks: [call] });
  expect(await worker.tick()).toBe(2);
  expect(await worker.tick()).toBe(1);
  expect(await worker.tick()).toBe(0);

  await sql`update tasks set started_at = started_at - interval '1 minute'`;
  expect(await worker.tick()).toBe(2);
});

/** Lets each key start at most this many tasks in any minute, in addition to its concurrency limit. */
async function limitStartsPerMinute(sql: Sql, perMinute: number): Promise<void> {
  await sql.unsafe(`
    alter table tasks add column started_at timestamptz;
    create index limited_tasks_started on tasks (concurrency_key, started_at);

    create function set_started_at() returns trigger language plpgsql as $$
    begin
      new.started_at = clock_timestamp();
      return new;
    end $$;
    create trigger set_started_at before update on tasks
    for each row when (old.status = 'queued' and new.status = 'running')
    execute function set_started_at();

    alter function capacity_left rename to slots_left;
    create function capacity_left(key text) returns bigint language sql volatile as $$
      select least(slots_left(key), ${perMinute} - count(*))
      from tasks
      where concurrency_key = key
        and started_at > now() - interval '1 minute'
    $$;`);
}
