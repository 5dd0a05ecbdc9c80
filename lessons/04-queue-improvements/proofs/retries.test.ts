import { freshDatabase, moveTime, row } from "shared/testing";
import { expect, test } from "vitest";
import * as engine from "#engine";
import { enqueue, task, Worker } from "#engine";

test("a failed attempt is retried as the policy says, and each error is kept", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const flaky = task({
    name: "flaky",
    retry: { maxAttempts: 4, backoffMs: 1_000 },
    run: () => {
      runs += 1;
      if (runs < 3) throw new Error(`no answer, call ${runs}`);
      return "answered";
    },
  });
  const id = await enqueue(sql, flaky, null);
  const worker = new Worker(sql, { tasks: [flaky], log: () => {} });
  for (let round = 0; round < 4; round += 1) {
    await worker.tick();
    await moveTime(sql, { seconds: 10 });
  }

  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: "answered",
    attempt: 3,
    errors: [
      { attempt: 1, name: "Error", message: "no answer, call 1" },
      { attempt: 2, name: "Error", message: "no answer, call 2" },
    ],
  });
});

test("a task whose attempts are used up fails with its last error", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const hopeless = task({
    name: "hopeless",
    retry: { maxAttempts: 3, backoffMs: 0 },
    run: () => {
      runs += 1;
      throw new Error(`no answer, call ${runs}`);
    },
  });
  const id = await enqueue(sql, hopeless, null);
  const worker = new Worker(sql, { tasks: [hopeless], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(runs).toBe(3);
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 3,
    error: { message: "no answer, call 3" },
    errors: [{ attempt: 1 }, { attempt: 2 }, { attempt: 3 }],
  });
});

test("a task that waits for its next attempt occupies no slot, and any worker may run it", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const work = task({
    name: "work",
    retry: { maxAttempts: 2, backoffMs: 3_600_000, maxBackoffMs: 3_600_000 },
    run: (who: string) => {
      ran.push(who);
      if (who === "flaky" && ran.filter((each) => each === who).length === 1) throw new Error("no");
    },
  });
  const worker = () => new Worker(sql, { tasks: [work], slots: 1, log: () => {} });
  await enqueue(sql, work, "flaky");
  await worker().tick();
  // A new worker for each round: only the row knows when the next attempt is due.
  await enqueue(sql, work, "other");
  await worker().tick();
  await worker().tick();
  await moveTime(sql, { seconds: 3_600 });
  await worker().tick();

  expect(ran).toEqual(["flaky", "other", "flaky"]);
});

test("a non-retryable error ends its task at once", async () => {
  const { sql } = await freshDatabase();
  const refuse = task({
    name: "refuse",
    retry: { maxAttempts: 5, backoffMs: 0 },
    run: () => {
      throw new engine.NonRetryableError("the card has expired");
    },
  });
  const id = await enqueue(sql, refuse, null);
  const worker = new Worker(sql, { tasks: [refuse], log: () => {} });
  while ((await worker.tick()) > 0);

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    error: { name: "NonRetryableError", message: "the card has expired" },
    attempt: 1,
  });
});
