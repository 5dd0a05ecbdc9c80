import path from "node:path";
import { connect, type Sql } from "shared/database";
import { freshDatabase, Gate, intercept, lessonUnderTest } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

// How many tasks one claim may take. Since lesson 08 all that it does goes by key, however many they are.
const MOST = path.basename(lessonUnderTest()) < "08" ? 200 : 1_000;

test("a started worker finds tasks by itself; stop lets the running ones end", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  const wait = task({ name: "wait", run: () => running.pass() });
  const worker = new Worker(sql, { tasks: [wait], pollIntervalMs: 5 });
  worker.start();

  const first = await enqueue(sql, wait, null);
  await running.arrived(1);
  let hasStopped = false;
  const stopped = worker.stop().then(() => {
    hasStopped = true;
  });
  const later = await enqueue(sql, wait, null);
  expect(hasStopped).toBe(false);
  running.open();
  await stopped;

  expect(await result(sql, first)).toEqual({ status: "succeeded", output: null });
  expect(await result(sql, later)).toEqual({ status: "queued" });
});

test("a worker that waits for its next poll stops at once, and stays stopped", async () => {
  const { sql } = await freshDatabase();
  const count = task({ name: "count", run: () => {} });
  const found = new Gate();
  found.open();
  const idle = new Worker(watched(sql, found), { tasks: [count], pollIntervalMs: 3_600_000 });
  idle.start();
  await found.arrived(1);
  await idle.stop();

  const id = await enqueue(sql, count, null);
  idle.start();
  await idle.stop();
  expect(await result(sql, id)).toEqual({ status: "queued" });
});

test("a worker that never started stops at once", async () => {
  const { sql } = await freshDatabase();
  await expect(new Worker(sql, { tasks: [] }).stop()).resolves.toBeUndefined();
});

test("a started worker goes on after it lost its connections", async () => {
  const { sql, url, schema } = await freshDatabase();
  const own = connect(url, { schema, applicationName: schema });
  onTestFinished(() => own.end({ timeout: 0 }));
  const ran = new Gate();
  const wait = task({ name: "wait", run: () => ran.pass() });
  ran.open();
  const worker = new Worker(own, { tasks: [wait], pollIntervalMs: 5 });
  worker.start();
  onTestFinished(() => worker.stop());

  await enqueue(sql, wait, null);
  await ran.arrived(1);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${schema}`;
  await enqueue(sql, wait, null);
  await expect(ran.arrived(2)).resolves.toBeUndefined();
});

test("the log has a line for each transition", async () => {
  const { sql } = await freshDatabase();
  const lines: string[] = [];
  const greet = task({ name: "greet", run: () => "hello" });
  const fail = task({
    name: "fail",
    run: () => {
      throw new Error('said "no"\ntwice');
    },
  });
  const log = (line: string) => void lines.push(line);
  const options = { tasks: [greet, fail], name: "worker-1", batchSize: 1, log };
  const worker = new Worker(sql, options);
  await enqueue(sql, greet, null);
  await enqueue(sql, fail, null);
  while ((await worker.tick()) > 0);

  expect(lines).toEqual([
    "worker-1 claimed greet task=1",
    "worker-1 succeeded greet task=1",
    "worker-1 claimed fail task=2",
    'worker-1 failed fail task=2 error="said \\"no\\"\\ntwice"',
  ]);
});

test("a log that throws costs no task its outcome", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: () => "hello" });
  const id = await enqueue(sql, greet, null);
  const log = () => {
    throw new Error("disk full");
  };
  await new Worker(sql, { tasks: [greet], log }).tick();
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "hello" });
});

test("an outcome that Postgres refuses to write makes the round fail, after the others ended", async () => {
  const { sql } = await freshDatabase();
  const running = new Gate();
  const wait = task({ name: "wait", run: (held: boolean) => (held ? running.pass() : undefined) });
  const doomed = await enqueue(sql, wait, false);
  const fine = await enqueue(sql, wait, true);
  await sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      if new.id = ${doomed} and new.status <> 'running' then raise exception 'refused'; end if;
      return new;
    end $$;
    create trigger refuse before update on tasks for each row execute function refuse()`);

  let ended = false;
  const round = new Worker(sql, { tasks: [wait] }).tick().finally(() => {
    ended = true;
  });
  round.catch(() => {});
  await running.arrived(1);
  await sql`select 1`;
  expect(ended).toBe(false);
  running.open();
  await expect(round).rejects.toThrow("refused");
  expect(await result(sql, fine)).toEqual({ status: "succeeded", output: null });
});

test.each([0, -1, 1.5, MOST + 1, Number.NaN])(
  "a batch size of %d is refused",
  async (batchSize) => {
    const { sql } = await freshDatabase();
    const refused = new RegExp(`batchSize is .*1 to ${MOST}$`);
    expect(() => new Worker(sql, { tasks: [], batchSize })).toThrow(refused);
  },
);

test("two tasks of one name are refused", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: () => {} });
  expect(() => new Worker(sql, { tasks: [greet, greet] })).toThrow('Two tasks are named "greet"');
});

test("a claim takes no more than the batch size, oldest first", async () => {
  const { sql } = await freshDatabase();
  const ran: number[] = [];
  const count = task({ name: "count", run: (n: number) => void ran.push(n) });
  for (let n = 1; n <= 5; n += 1) await enqueue(sql, count, n);
  // The oldest row is now the last one on disk.
  await sql`update tasks set name = name where id = 1`;

  const worker = new Worker(sql, { tasks: [count], batchSize: 2 });
  expect(await worker.tick()).toBe(2);
  expect(ran.toSorted()).toEqual([1, 2]);
  expect(await worker.tick()).toBe(2);
  expect(await worker.tick()).toBe(1);
  expect(await worker.tick()).toBe(0);
});

/** The same pool, which lets the gate know of each statement. */
function watched(sql: Sql, gate: Gate): Sql {
  return intercept(sql, { before: () => void gate.pass() });
}
