import { randomUUID } from "node:crypto";
import { connect, pgtyped, type Queryable, type Sql } from "shared/database";
import { type FreshDatabase, freshDatabase } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, enqueueMany, result, type TaskResult, task, Worker } from "#engine";
import { claimTasks, insertWorker, succeedTask } from "../sql/queries.ts";

const AN_HOUR = 3_600_000;

const greet = task({ name: "greet", run: (name: string) => `hello ${name}` });

/** Who waits for which task; and whoever ends a task tells those who wait for it, when that is committed. */
const WAITERS = `
  create table waiters (
    task_id  bigint not null references tasks,
    channel  text not null,
    primary key (task_id, channel)
  );

  create function tell_waiters() returns trigger
  language plpgsql
  as $$
  begin
    perform pg_notify(channel, new.id::text) from waiters where task_id = new.id;
    return null;
  end
  $$;

  create trigger ended after update of status on tasks
    for each row
    when (old.status <> new.status and new.status in ('succeeded', 'failed', 'cancelled'))
    execute function tell_waiters();`;

/** Hears of the ends of tasks: one connection for all who wait in this process. */
class Waiters {
  readonly #sql: Sql;
  readonly #askAgainMs: number;
  readonly #channel = `ends_${randomUUID()}`;
  readonly #wake = new Map<string, () => void>();
  /** What has been said on the channel. */
  readonly heard: string[] = [];
  /** How often somebody has looked how a task stands. */
  looks = 0;

  constructor(sql: Sql, askAgainMs: number) {
    this.#sql = sql;
    this.#askAgainMs = askAgainMs;
  }

  /** Returns what ends it. */
  async listen(ears: Sql): Promise<() => Promise<void>> {
    const { unlisten } = await ears.listen(this.#channel, (id) => {
      this.heard.push(id);
      this.#wake.get(id)?.();
    });
    return unlisten;
  }

  /** Looks only when it is told to, and now and then, as what tells it may be lost. */
  async ended(id: string): Promise<TaskResult> {
    await this.#sql`insert into waiters (task_id, channel) values (${id}, ${this.#channel})`;
    try {
      for (;;) {
        const told = new Promise<void>((resolve) => {
          this.#wake.set(id, resolve);
        });
        const now = await result(this.#sql, id);
        this.looks += 1;
        if (["succeeded", "failed", "cancelled"].includes(now.status)) return now;
        let timer: NodeJS.Timeout | undefined;
        const later = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, this.#askAgainMs);
        });
        await Promise.race([told, later]);
        clearTimeout(timer);
      }
    } finally {
      this.#wake.delete(id);
      await this.#sql`delete from waiters where task_id = ${id} and channel = ${this.#channel}`;
    }
  }
}

test("who waits for one task of a hundred looks twice, and nothing is said of the others", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const waiters = await waiting(database, AN_HOUR);
  const ids = await enqueueMany(
    sql,
    greet,
    Array.from({ length: 100 }, () => ({ input: "you" })),
  );
  const id = ids[42] as string;
  const ended = waiters.ended(id);
  await expect.poll(() => waiters.looks).toBe(1);
  await new Worker(sql, { tasks: [greet], slots: 100, log: () => {} }).tick();

  expect(await ended).toEqual({ status: "succeeded", output: "hello you" });
  expect(waiters.looks).toBe(2);
  expect(waiters.heard).toEqual([id]);
  expect(await sql`select from waiters`).toHaveLength(0);
});

test("a task that has ended before is found at the first look", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const waiters = await waiting(database, AN_HOUR);
  const id = await enqueue(sql, greet, "you");
  await new Worker(sql, { tasks: [greet], log: () => {} }).tick();

  expect(await waiters.ended(id)).toMatchObject({ status: "succeeded" });
  expect(waiters.looks).toBe(1);
  expect(waiters.heard).toEqual([]);
});

test("an end that is committed while somebody begins to wait is not told, and found a little later", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const waiters = await waiting(database, 50);
  const id = await enqueue(sql, greet, "you");
  const ending = await sql.reserve();
  onTestFinished(() => ending.release());
  const { fence } = await claimed(ending);
  await ending`begin`;
  await succeedTask.run({ id, fence, output: '"hello"' }, pgtyped(ending));
  const ended = waiters.ended(id);
  await expect.poll(() => waiters.looks).toBe(1);
  await ending`commit`;

  expect(await ended).toEqual({ status: "succeeded", output: "hello" });
  expect(waiters.heard).toEqual([]);
});

/** Somebody who waits for tasks to end, and looks again every `askAgainMs`. */
async function waiting({ sql, url, schema }: FreshDatabase, askAgainMs: number): Promise<Waiters> {
  await sql.unsafe(WAITERS);
  const ears = connect(url, { schema, max: 1 });
  const waiters = new Waiters(sql, askAgainMs);
  const unlisten = await waiters.listen(ears);
  onTestFinished(async () => {
    // As it ends, the driver would listen anew to what it still listens to.
    await unlisten();
    await ears.end({ timeout: 0 });
  });
  return waiters;
}

async function claimed(sql: Queryable): Promise<{ fence: number }> {
  const db = pgtyped(sql);
  const names = ["greet"];
  const worker = { name: "worker", names, leaseMs: 60_000, channel: null };
  const [row] = await insertWorker.run(worker, db);
  const [task] = await claimTasks.run({ workerId: row?.id as string, names, limit: 1 }, db);
  return { fence: task?.fence as number };
}
