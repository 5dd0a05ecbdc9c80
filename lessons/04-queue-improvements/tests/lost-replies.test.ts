import { freshDatabase, losingReplies, postgresError, refusing } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test("the next round requeues the tasks of a claim whose reply was lost", async () => {
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

test("an outcome whose reply was lost is stored, and its task does not run again", async () => {
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
  const losing = losingReplies(sql, "endRun", 1);
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
  const worker = new Worker(refusing(sql, "endRun", 2), {
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
  const refused = refusing(sql, "endRun", 1, postgresError("22P05", "refused"));
  await new Worker(refused, { tasks: [greet], log: () => {} }).tick();

  expect(await result(sql, id)).toMatchObject({ status: "failed", error: { message: "refused" } });
});

test("an outcome for which a permission is missing is written when it is granted, and its task does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const count = task({
    name: "count",
    run: () => {
      runs += 1;
    },
  });
  const id = await enqueue(sql, count, null);
  const forbidden = refusing(sql, "endRun", 2, postgresError("42501", "permission denied"));
  await new Worker(forbidden, { tasks: [count], log: () => {} }).tick();

  expect(runs).toBe(1);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: null });
});

test("a claim whose reply was lost costs no attempt", async () => {
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
