import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freshDatabase, Gate, log, moveTime, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, result, task, Worker } from "#engine";

const double = task({ name: "double", run: (n: number) => 2 * n });

// Longer than the other worker needs to end the child.
const OUTSIDE_MS = 50;

test("a task may be suspended while one of its branches waits outside the context; that branch waits again", async () => {
  const { sql } = await freshDatabase();
  let waits = 0;
  const both = durableTask({
    name: "both",
    run: (_: null, { run, step }) => Promise.all([run(double, 21), branch(step)]),
  });
  const branch = async (step: (name: string, run: () => string) => Promise<string>) => {
    waits += 1;
    await pause(OUTSIDE_MS);
    return step("after", () => "done");
  };
  const id = await enqueue(sql, both, null);
  await new Worker(sql, { tasks: [both], log: () => {} }).tick();
  expect(await result(sql, id)).toEqual({ status: "suspended" });
  const all = new Worker(sql, { tasks: [both, double], log: () => {} });
  while ((await all.tick()) > 0);

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: [42, "done"] });
  expect(await log(sql, id)).toEqual([
    "1 double started",
    "1 double succeeded",
    "2 after succeeded",
  ]);
  expect(waits).toBe(2);
});

test.each(["suspended", "lost"])(
  "a step after a wait outside the context is not missing from a task that was %s: it is called late",
  async (how) => {
    const { sql } = await freshDatabase();
    let runs = 0;
    let waitMs = 0;
    const both = durableTask({
      name: "both",
      run: (_: null, { run, step }) =>
        Promise.all([
          run(double, 21),
          (async () => {
            if (waitMs > 0) await pause(waitMs);
            return step("after", () => {
              runs += 1;
              return "done";
            });
          })(),
        ]),
    });
    const id = await enqueue(sql, both, null);
    const never = new Gate();
    if (how === "lost") {
      const place = { query: ["appendEvent", "appendEvents"], when: "after" } as const;
      const frozen = stoppingAt(sql, place, () => never.pass());
      void new Worker(frozen, { tasks: [both], log: () => {} }).tick();
      await never.arrived(1);
      await moveTime(sql, { seconds: 16 });
    } else {
      await new Worker(sql, { tasks: [both], log: () => {} }).tick();
      expect(await result(sql, id)).toEqual({ status: "suspended" });
    }
    // From now on the step is in the log, and the handler is late to call it.
    waitMs = OUTSIDE_MS;
    const all = new Worker(sql, { tasks: [both, double], log: () => {} });
    while ((await all.tick()) > 0);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: [42, "done"] });
    expect(runs).toBe(1);
    expect((await log(sql, id)).sort()).toEqual([
      "1 double started",
      "1 double succeeded",
      "2 after succeeded",
    ]);
    const [row] = await sql`select attempt from tasks where id = ${id}`;
    expect(row).toEqual({ attempt: 1 });
  },
);

const STALL_MS = 100;

test.each([
  ["computes", async () => block(3 * STALL_MS)],
  [
    "computes, and then reads a file",
    async () => {
      block(3 * STALL_MS);
      await readFile(fileURLToPath(import.meta.url));
    },
  ],
  [
    "reads a file while the event loop is blocked",
    async () => {
      setImmediate(() => block(3 * STALL_MS));
      await readFile(fileURLToPath(import.meta.url));
    },
  ],
])(
  "a handler that %s for longer than stallMs before its next call is not stalled",
  async (_, work) => {
    const { sql } = await freshDatabase();
    let isResumed = false;
    const both = durableTask({
      name: "both",
      run: (_: null, { run, step }) =>
        Promise.all([
          run(double, 21),
          (async () => {
            if (isResumed) await pause(1).then(work);
            return step("after", () => "done");
          })(),
        ]),
    });
    const id = await enqueue(sql, both, null);
    await new Worker(sql, { tasks: [both], log: () => {} }).tick();
    isResumed = true;
    const all = new Worker(sql, { tasks: [both, double], stallMs: STALL_MS, log: () => {} });
    while ((await all.tick()) > 0);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: [42, "done"] });
  },
);

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
