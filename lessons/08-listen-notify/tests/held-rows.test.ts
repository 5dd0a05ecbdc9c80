import { connect, type Sql } from "shared/database";
import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import {
  type DurableContext,
  durableTask,
  enqueue,
  enqueueMany,
  result,
  task,
  Worker,
} from "#engine";
import { TWENTY, tickOnce } from "./twenty.ts";

const never = task({ name: "nobody knows it", run: (_: number) => {} });

/** What each of some tasks comes to write when the gate is open, and which of them have. */
const WRITES = {
  "an output": {
    definition: (gate: Gate) => task({ name: "waits", run: (_: number) => gate.pass() }),
    written: "select id from tasks where status = 'succeeded'",
  },
  "a step": {
    definition: (gate: Gate) => durable(gate, ({ step }) => step("write", () => {})),
    written: "select task_id as id from events",
  },
  "a child's start": {
    definition: (gate: Gate) => durable(gate, ({ run }) => run(never, 1)),
    written: "select parent_id as id from tasks where parent_id is not null",
  },
};

test.for(Object.entries(WRITES))(
  "a row that somebody holds keeps no other task from writing %s",
  async ([, { definition, written }]) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const waits = definition(gate);
    const ids = await enqueueMany(sql, waits, TWENTY);
    const ticked = tickOnce(sql, waits);
    await gate.arrived(TWENTY.length);
    const [held, ...others] = ids as [string, ...string[]];
    const letGo = await hold(sql, held);
    gate.open();
    const have = async () => (await sql.unsafe(written)).map(({ id }) => id).sort(byNumber);

    await expect.poll(have).toEqual(others);
    await letGo();
    await ticked;
    expect(await have()).toEqual(ids);
  },
);

test("a parent's row that somebody holds keeps no child of another parent from ending", async () => {
  const { sql } = await freshDatabase();
  const child = task({ name: "child", run: (n: number) => n });
  const parent = durableTask({ name: "parent", run: (n: number, { run }) => run(child, n) });
  const ids = await enqueueMany(sql, parent, TWENTY);
  await tickOnce(sql, parent);
  const [held, ...others] = ids as [string, ...string[]];
  const letGo = await hold(sql, held);
  const ticked = tickOnce(sql, child);
  const woken = async () => {
    const parents = await sql`
      select id from tasks where name = 'parent' and status = 'queued' order by id`;
    return parents.map(({ id }) => id);
  };

  await expect.poll(woken).toEqual(others);
  await letGo();
  await ticked;
  expect(await woken()).toEqual(ids);
});

test.for([
  { max: 3, transactions: 1 },
  { max: 6, transactions: 3 },
])(
  "of a pool of $max a connection is left for the worker, however many children of a held parent end, and beside $transactions transactions",
  async ({ max, transactions }) => {
    const { sql, url, schema } = await freshDatabase();
    const gate = new Gate();
    const open = new Gate();
    const child = task({ name: "child", run: (_: number) => gate.pass() });
    const parent = durableTask({
      name: "parent",
      run: (_: number, { run }) => Promise.all(TWENTY.map(({ input }) => run(child, input))),
    });
    const other = task({ name: "other", run: (n: number) => n });
    const transacting = durableTask({
      name: "transacting",
      run: (_: number, { transaction }) => transaction("open", () => open.pass()),
    });
    const pool = connect(url, { schema, max });
    onTestFinished(() => pool.end());
    const tasks = [parent, child, other, transacting];
    const worker = new Worker(pool, { tasks, slots: 50, log: () => {} });
    worker.start();
    onTestFinished(() => worker.stop());
    onTestFinished(() => open.open());
    await enqueueMany(sql, transacting, TWENTY);
    await open.arrived(transactions);
    const id = await enqueue(sql, parent, 1);
    await gate.arrived(TWENTY.length);
    const letGo = await hold(sql, id);
    gate.open();
    for (const { input } of TWENTY) {
      const otherId = await enqueue(sql, other, input);
      await expect.poll(() => result(sql, otherId)).toEqual({ status: "succeeded", output: input });
    }
    await letGo();
    await expect.poll(() => result(sql, id)).toMatchObject({ status: "succeeded" });
  },
);

function durable(gate: Gate, write: (context: DurableContext) => Promise<unknown>) {
  return durableTask({
    name: "waits",
    run: async (_: number, context) => {
      await gate.pass();
      await write(context);
    },
  });
}

/** Locks a task's row in a transaction of its own; returns what ends that. */
async function hold(sql: Sql, id: string): Promise<() => Promise<void>> {
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from tasks where id = ${id} for update`;
  onTestFinished(() => holder.release());
  return async () => {
    await holder`commit`;
  };
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}
