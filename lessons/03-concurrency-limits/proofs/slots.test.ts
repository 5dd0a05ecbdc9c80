import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

const SLOTS = 3;
const TASKS = 8;

test("a worker never runs more tasks than it has slots", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  let running = 0;
  let most = 0;
  const count = task({
    name: "count",
    run: async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.pass();
      running -= 1;
    },
  });
  for (let n = 0; n < TASKS; n += 1) await enqueue(sql, count, n);

  const worker = new Worker(sql, { tasks: [count], slots: SLOTS });
  // Two connections are open, so neither round waits for one.
  await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`]);
  // Two rounds at once share the slots.
  const rounds = [worker.tick(), worker.tick()];
  await gate.arrived(SLOTS);
  // The other round finds no free slot and ends. If it counted on the same slots, more tasks would arrive.
  await Promise.race([...rounds, gate.arrived(SLOTS + 1)]);
  gate.open();
  await Promise.all(rounds);
  while ((await worker.tick()) > 0);

  expect(most).toBe(SLOTS);
  expect(await sql`select from tasks where status = 'succeeded'`).toHaveLength(TASKS);
});

test("a worker claims no more tasks than it has free slots, and leaves the rest to other workers", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  for (let n = 0; n < TASKS; n += 1) await enqueue(sql, wait, n);

  const busy = new Worker(sql, { tasks: [wait], slots: SLOTS }).tick();
  await gate.arrived(SLOTS);
  const another = new Worker(sql, { tasks: [wait], slots: TASKS }).tick();
  await Promise.race([another, gate.arrived(TASKS)]);
  gate.open();

  expect(await busy).toBe(SLOTS);
  expect(await another).toBe(TASKS - SLOTS);
});

test("a freed slot is filled at once, while the worker's other tasks still run", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const slow = task({ name: "slow", run: () => gate.pass() });
  const ran: number[] = [];
  const quick = task({ name: "quick", run: (n: number) => void ran.push(n) });
  await enqueue(sql, slow, null);
  for (let n = 1; n <= 5; n += 1) await enqueue(sql, quick, n);

  // Its next poll would be in an hour.
  const options = { tasks: [slow, quick], slots: 2, batchSize: 2, pollIntervalMs: 3_600_000 };
  const worker = new Worker(sql, options);
  worker.start();
  onTestFinished(() => {
    gate.open();
    return worker.stop();
  });

  await expect.poll(() => ran).toEqual([1, 2, 3, 4, 5]);
});
