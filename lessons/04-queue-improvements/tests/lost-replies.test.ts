import { freshDatabase, losingReplies, postgresError, refusing } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

const SUCCEED = ["succeedTask", "succeedTasks"];

test("a claim whose answer was lost gives its tasks back at the next round", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", run: () => "hello" });
  const id = await enqueue(sql, greet, null);
  const losing = losingReplies(sql, "claimTasks", 1);
  const worker = new Worker(losing, { tasks: [greet], log: () => {} });

  await expect(worker.tick()).rejects.toThrow("CONNECTION_CLOSED");
  expect(await result(sql, id)).toEqual({ status: "running" });
  await worker.tick();
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "hello" });
});

test("an outcome whose answer was lost is kept, and its task does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const charge = task({
    name: "charge",
    run: () => {
      runs += 1;
      return runs;
    },
  });
  const id = await enqueue(sql, charge, null);
  const losing = losingReplies(sql, SUCCEED, 1);
  const worker = new Worker(losing, { tasks: [charge], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 1 });
  expect(runs).toBe(1);
});

test("an outcome that cannot be written for a while is written later, and its task does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const charge = task({
    name: "charge",
    run: () => {
      runs += 1;
    },
  });
  const id = await enqueue(sql, charge, null);
  const worker = new Worker(refusing(sql, SUCCEED, 2), {
    tasks: [charge],
    log: () => {},
  });
  await worker.tick();

  expect(await result(sql, id)).toMatchObject({ status: "succeeded" });
  expect(runs).toBe(1);
});

test("an output that Postgres refuses fails its task, with the error of Postgres", async () => {
  const { sql } = await freshDatabase();
  const greet = task({ name: "greet", retry: {}, run: () => "hello" });
  const id = await enqueue(sql, greet, null);
  const unstorable = postgresError("22P05", "refused");
  const times = Number.POSITIVE_INFINITY;
  const refused = refusing(sql, SUCCEED, times, unstorable);
  await new Worker(refused, { tasks: [greet], log: () => {} }).tick();

  expect(await result(sql, id)).toMatchObject({ status: "failed", error: { message: "refused" } });
});

test("a lost claim costs no attempt: its handler never ran", async () => {
  const { sql } = await freshDatabase();
  const once = task({ name: "once", retry: { maxAttempts: 1 }, run: () => "ran" });
  const id = await enqueue(sql, once, null);
  const losing = losingReplies(sql, "claimTasks", 1);
  const worker = new Worker(losing, { tasks: [once], log: () => {} });
  await worker.tick().catch(() => {});
  await worker.tick();

  const [row] = await sql`select output, attempt, errors from tasks where id = ${id}`;
  expect(row).toEqual({ output: "ran", attempt: 1, errors: null });
});

test("an outcome that cannot be written costs an attempt, so that its task does not run for ever", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const count = task({
    name: "count",
    retry: { maxAttempts: 3 },
    run: () => {
      runs += 1;
    },
  });
  const id = await enqueue(sql, count, null);
  const forbidden = postgresError("42501", "permission denied");
  const refused = refusing(sql, SUCCEED, Number.POSITIVE_INFINITY, forbidden);
  const worker = new Worker(refused, { tasks: [count], log: () => {} });
  for (let round = 0; round < 5; round += 1) await worker.tick().catch(() => {});

  expect(runs).toBe(3);
  expect(await result(sql, id)).toMatchObject({
    status: "failed",
    error: {
      name: "OutcomeLostError",
      message: expect.stringContaining("could not write down what came of attempt 3 of 3"),
    },
  });
});
