import { freshDatabase, Gate, recordStatements, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, result, setConcurrencyLimit, task, Worker } from "#engine";

const START = ["startChild", "startChildren"];

// One key with a limit of 1, so that the children run in the order in which they were started.
const KEY = "one after the other";

test.each([
  ["small inputs", 1],
  ["a large input of the first", 4_000_000],
])(
  "children that one parent starts side by side are started in call order, with %s",
  async (_, length) => {
    const { sql } = await freshDatabase();
    const { append, appended } = appending();
    const parent = durableTask({
      name: "parent",
      run: (_: null, { run }) =>
        Promise.all(
          [0, 1, 2].map((n) =>
            run(append, { n, text: "x".repeat(n === 0 ? length : 1) }, { concurrencyKey: KEY }),
          ),
        ),
    });
    await setConcurrencyLimit(sql, KEY, 1);
    const id = await enqueue(sql, parent, null);
    await tickAll(new Worker(sql, { tasks: [parent, append], log: () => {} }));

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: [0, 1, 2] });
    expect(appended).toEqual([0, 1, 2]);
  },
);

test("no child is started before the one that was called first, even if that start waits for the parent's row", async () => {
  const { sql } = await freshDatabase();
  const { append, appended } = appending();
  const parent = durableTask({
    name: "parent",
    run: (_: null, { run }) =>
      Promise.all([0, 1, 2].map((n) => run(append, { n }, { concurrencyKey: KEY }))),
  });
  await setConcurrencyLimit(sql, KEY, 1);
  const id = await enqueue(sql, parent, null);
  const gate = new Gate();
  const recorded = recordStatements(sql);
  const stopping = stoppingAt(recorded.sql, { query: START, when: "before" }, () => gate.pass());
  const tick = new Worker(stopping, { tasks: [parent, append], log: () => {} }).tick();
  await gate.arrived(1);
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from tasks where id = ${id} for update`;
  gate.open();
  const waiting = async () => {
    const rows = await sql`
      select from pg_locks where not granted and pid in (select pid from pg_locks where relation = 'tasks'::regclass)`;
    return rows.length;
  };
  await expect.poll(waiting).toBeGreaterThan(0);
  expect(recorded.of(START)).toHaveLength(1);
  await holder`commit`;
  holder.release();
  await tick;
  await tickAll(new Worker(sql, { tasks: [parent, append], log: () => {} }));

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: [0, 1, 2] });
  expect(appended).toEqual([0, 1, 2]);
});

test("a start that fails does not keep the next ones from being started", async () => {
  const { sql } = await freshDatabase();
  const { append, appended } = appending();
  const parent = durableTask({
    name: "parent",
    run: async (_: null, { run }) => {
      const keys = ["unknown", KEY, KEY];
      const calls = keys.map((concurrencyKey, n) => run(append, { n }, { concurrencyKey }));
      const settled = await Promise.allSettled(calls);
      return settled.map(({ status }) => status);
    },
  });
  await setConcurrencyLimit(sql, KEY, 1);
  const id = await enqueue(sql, parent, null);
  await tickAll(new Worker(sql, { tasks: [parent, append], log: () => {} }));

  expect(await result(sql, id)).toMatchObject({ output: ["rejected", "fulfilled", "fulfilled"] });
  expect(appended).toEqual([1, 2]);
});

test("a suspended task does not count for the limit of its key: parent and child share a limit of 1", async () => {
  const { sql } = await freshDatabase();
  const child = task({ name: "child", run: (n: number) => 2 * n });
  const middle = durableTask({
    name: "middle",
    run: (n: number, { run }) => run(child, n, { concurrencyKey: KEY }),
  });
  const parent = durableTask({
    name: "parent",
    run: (n: number, { run }) => run(middle, n, { concurrencyKey: KEY }),
  });
  await setConcurrencyLimit(sql, KEY, 1);
  const id = await enqueue(sql, parent, 21, { concurrencyKey: KEY });
  await tickAll(new Worker(sql, { tasks: [parent, middle, child], log: () => {} }));

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
});

function appending() {
  const appended: number[] = [];
  const append = task({
    name: "append",
    run: ({ n }: { n: number; text?: string }) => {
      appended.push(n);
      return n;
    },
  });
  return { append, appended };
}

async function tickAll(worker: Worker): Promise<void> {
  while ((await worker.tick()) > 0);
}
