import { freshDatabase, Gate, postgres } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

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

test("a pool that was made in another way is refused at once", async () => {
  const { url } = await freshDatabase();
  const foreign = postgres(url);
  onTestFinished(() => foreign.end());
  expect(() => new Worker(foreign, { tasks: [] })).toThrow(/pool made by connect\(url\)/);
});
