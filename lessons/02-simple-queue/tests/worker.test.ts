import path from "node:path";
import { connect, type Sql } from "shared/database";
import { freshDatabase, Gate, intercept, lessonUnderTest, postgres } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

// The largest batch size. From lesson 08 on, all statements find their rows by key, so it can be larger.
const MOST = path.basename(lessonUnderTest()) < "08" ? 200 : 1_000;

test("a started worker finds tasks by itself, and stop waits for the running ones", async () => {
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

test("a worker that waits for its next poll stops immediately, and cannot be started again", async () => {
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

test("a worker that was not started stops immediately", async () => {
  const { sql } = await freshDatabase();
  await expect(new Worker(sql, { tasks: [] }).stop()).resolves.toBeUndefined();
});

test("a started worker continues after it has lost its connections", async () => {
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

test.each([
  ["throws", () => fail()],
  ["rejects", async () => fail()],
])(
  "a log function that %s costs no task its outcome, and does not stop the worker",
  async (_, log) => {
    const { sql } = await freshDatabase();
    const ran = new Gate();
    ran.open();
    const greet = task({ name: "greet", run: () => ran.pass() });
    const worker = new Worker(sql, { tasks: [greet], pollIntervalMs: 5, log });
    worker.start();
    const first = await enqueue(sql, greet, null);
    await ran.arrived(1);
    const second = await enqueue(sql, greet, null);
    await ran.arrived(2);
    await worker.stop();

    for (const id of [first, second]) {
      expect(await result(sql, id)).toEqual({ status: "succeeded", output: null });
    }
  },
);

function fail(): never {
  throw new Error("disk full");
}

test("an outcome that Postgres refuses is logged, and costs no other task its outcome", async () => {
  const { sql } = await freshDatabase();
  const any = task({ name: "any", run: () => {} });
  const refused = await enqueue(sql, any, null);
  const fine = await enqueue(sql, any, null);
  await sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      raise exception 'refused by a trigger';
    end $$;
    create trigger refuse before update on tasks
      for each row when (new.id = ${refused} and new.status = 'succeeded') execute function refuse()`);
  const lines: string[] = [];
  await new Worker(sql, { tasks: [any], log: (line) => lines.push(line) }).tick();

  expect(await result(sql, refused)).not.toMatchObject({ status: "succeeded" });
  expect(await result(sql, fine)).toEqual({ status: "succeeded", output: null });
  expect(lines).toContainEqual(expect.stringContaining("refused by a trigger"));
});

test("a pool that connect() has not made is refused", async () => {
  const { url } = await freshDatabase();
  const foreign = postgres(url);
  onTestFinished(() => foreign.end());
  expect(() => new Worker(foreign, { tasks: [] })).toThrow(/pool made by connect\(url\)/);
});

test.each([0, -1, 1.5, MOST + 1, Number.NaN])(
  "a batch size of %d is refused",
  async (batchSize) => {
    const { sql } = await freshDatabase();
    const refused = new RegExp(`batchSize is .*1 to ${MOST}$`);
    expect(() => new Worker(sql, { tasks: [], batchSize })).toThrow(refused);
  },
);

test("two definitions with the same name are refused", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: () => {} });
  expect(() => new Worker(sql, { tasks: [greet, greet] })).toThrow('Two tasks are named "greet"');
});

test("a claim takes at most batchSize tasks, the oldest first", async () => {
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

/** The same pool; each statement passes the gate. */
function watched(sql: Sql, gate: Gate): Sql {
  return intercept(sql, { before: () => void gate.pass() });
}
