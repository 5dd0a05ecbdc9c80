import { type Sql, transaction } from "shared/database";
import { freshDatabase, Gate, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueue, enqueueMany, task, Worker } from "#engine";
import { listenToCalls } from "../proofs/calls.ts";
import { startIdle } from "../proofs/idle-worker.ts";
import { obedient } from "../proofs/obedient.ts";
import { TWENTY } from "./twenty.ts";

const echo = task({ name: "echo", run: (n: number) => n });
const other = task({ name: "other", run: (n: number) => n });

/** Workers by these names that have room, and know the tasks of one name. */
async function withRoom({ sql }: { sql: Sql }, names: string[], knows: string[]): Promise<void> {
  for (const name of names) {
    await sql`
      insert into workers (name, lease_ends_at, names, channel, has_room)
      values (${name}, now() + interval '1 hour', ${knows}, ${`channel of ${name} ${Math.random()}`}, true)`;
  }
}

test("workers are called that know the task's name, and no others", async () => {
  const database = await freshDatabase();
  await withRoom(database, ["a", "b"], ["echo", "third"]);
  await withRoom(database, ["c"], ["other"]);
  const called = await listenToCalls(database);
  await enqueueMany(database.sql, echo, TWENTY);
  expect(await called()).toEqual(["a", "b"]);
  await enqueueMany(database.sql, other, TWENTY);
  expect(await called()).toEqual(["a", "b", "c"]);
});

test("nobody is called for a task that is due later, or whose transaction is rolled back", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  await withRoom(database, ["a", "b"], ["echo"]);
  const called = await listenToCalls(database);
  await enqueue(sql, echo, 1, { delayMs: 60_000 });
  await enqueue(sql, echo, 1, { runAt: new Date(Date.now() + 60_000) });
  const rolledBack = transaction(sql, async (tx) => {
    await enqueue(tx, echo, 1);
    throw new Error("no");
  });
  await expect(rolledBack).rejects.toThrow("no");
  expect(await called()).toEqual([]);

  await enqueueMany(sql, echo, [{ input: 1 }, { input: 2, delayMs: 60_000 }]);
  expect(await called()).toHaveLength(1);
});

test("nobody is called for a task that was there already", async () => {
  const database = await freshDatabase();
  await withRoom(database, ["a"], ["echo"]);
  await enqueue(database.sql, echo, 1, { idempotencyKey: "once" });
  const called = await listenToCalls(database);
  await enqueue(database.sql, echo, 1, { idempotencyKey: "once" });

  expect(await called()).toEqual([]);
});

test("what is queued in a transaction calls when it is committed", async () => {
  const database = await freshDatabase();
  await withRoom(database, ["a"], ["echo"]);
  const called = await listenToCalls(database);
  await transaction(database.sql, async (tx) => {
    await enqueue(tx, echo, 1);
    expect(await called()).toEqual([]);
  });
  expect(await called()).toEqual(["a"]);
});

test("a worker whose slots are all taken is not called, and is again when it has room", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const gate = new Gate();
  const waits = task({ name: "waits", run: () => gate.pass() });
  await startIdle(sql, { name: "a", tasks: [waits, echo], slots: 2 });
  const called = await listenToCalls(database);
  await enqueueMany(sql, waits, [{ input: undefined }, { input: undefined }]);
  await gate.arrived(2);
  expect(await called()).toEqual(["a"]);
  await enqueue(sql, echo, 1);
  expect(await called()).toEqual(["a"]);

  gate.open();
  const left = () => sql`select id from tasks where status <> 'succeeded'`.catch(() => undefined);
  await expect.poll(left).toEqual([]);
  const hasRoom = () => sql`select has_room from workers`.catch(() => undefined);
  await expect.poll(hasRoom).toEqual([{ hasRoom: true }]);
  await enqueue(sql, echo, 1);
  expect(await called()).toEqual(["a", "a"]);
});

test("a task that is cancelled while its worker reads which ones are is told at once, too", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const begun = new Gate();
  const obey = obedient(begun);
  const [first, second] = await enqueueMany(sql, obey, TWENTY.slice(0, 2));
  const read = new Gate();
  const point = { query: "heartbeat", when: "after" } as const;
  const stopping = stoppingAt(sql, point, () => read.pass());
  await startIdle(stopping, { tasks: [obey] });
  await begun.arrived(2);
  const called = await listenToCalls(database);
  await cancel(sql, first as string);
  await read.arrived(1);
  await cancel(sql, second as string);
  // What was sent before this has arrived.
  await called();
  read.open();
  const statuses = () => sql`select distinct status from tasks`;
  await expect.poll(statuses).toEqual([{ status: "cancelled" }]);
});

test("a worker that stops calls another one for each task that it hands back, whoever else it calls", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const gate = new Gate();
  const hangs = task({ name: "hangs", run: (_: number) => gate.pass() });
  const log: string[] = [];
  const options = { slots: 100, log: (line: string) => log.push(line) };
  const stopping = await startIdle(sql, { name: "stopping", tasks: [hangs], ...options });
  await enqueueMany(sql, hangs, TWENTY);
  await gate.arrived(TWENTY.length);
  await withRoom(database, ["other"], ["hangs"]);
  const called = await listenToCalls(database);
  await stopping.stop({ deadlineMs: 0 });

  // A claim that was under way may have got some of them again.
  const handedBack = log.filter((line) => / handed back /.test(line)).length;
  expect(handedBack).toBeGreaterThanOrEqual(TWENTY.length);
  expect((await called()).filter((name) => name === "other")).toHaveLength(handedBack);
  expect(await sql`select distinct status from tasks`).toEqual([{ status: "queued" }]);
});

test("a worker that has made a round before it is started is called as well", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const worker = new Worker(sql, {
    tasks: [echo],
    log: () => {},
    heartbeatIntervalMs: 1_800_000,
    leaseMs: 3_600_000,
  });
  await worker.tick();
  worker.start();
  const listens = () => sql`select from workers where channel is not null`.catch(() => []);
  await expect.poll(listens).toHaveLength(1);
  await worker.stop();
});
