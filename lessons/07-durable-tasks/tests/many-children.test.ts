import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect, type Sql } from "shared/database";
import { freshDatabase, lessonUnderTest, moveTime } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueue, enqueueMany, result, task, Worker } from "#engine";

const double = task({ name: "double", run: (n: number) => 2 * n });

const fanOut = durableTask({
  name: "fan out",
  run: async (children: number, { run }) => {
    const numbers = Array.from({ length: children }, (_, n) => n);
    const doubled = await Promise.all(numbers.map((n) => run(double, n)));
    return doubled.reduce((sum, n) => sum + n, 0);
  },
});

test.each([250, 1_000])(
  "each of %i children costs the same: their parent is not woken for each of them",
  async (children) => {
    const { sql } = await freshDatabase();
    const read = await eventsReadFor(sql, children);

    // A parent that wakes for each of 1,000 children reads up to 2,000 events each time.
    expect(read / children).toBeLessThan(40);
  },
);

/** The number of events that all claims of a task with so many children read. */
async function eventsReadFor(sql: Sql, children: number): Promise<number> {
  const id = await enqueue(sql, fanOut, children);
  const worker = new Worker(sql, { tasks: [fanOut, double], slots: 20, log: () => {} });
  let read = 0;
  for (let claims = 0; (await result(sql, id)).status !== "succeeded"; ) {
    const [before] = await sql`select event_count from tasks where id = ${id}`;
    // The parent sleeps on for up to a second.
    if ((await worker.tick()) === 0) await moveTime(sql, { seconds: 1 });
    const [after] = await sql`select fence from tasks where id = ${id}`;
    read += (after?.fence - claims) * before?.eventCount;
    claims = after?.fence;
  }
  expect(await result(sql, id)).toMatchObject({ output: children * (children - 1) });
  return read;
}

// Other lessons repeat the test with fewer tasks.
const SUSPENDED = path.basename(lessonUnderTest()).startsWith("07") ? 10_000 : 2_000;

test("the handlers of ten thousand suspended tasks are not kept in memory", async () => {
  const { sql, url, schema } = await freshDatabase();
  const few = connect(url, { schema, max: 3 });
  onTestFinished(() => few.end({ timeout: 0 }));
  const never = task({ name: "unknown to all workers", run: (_: number) => {} });
  const forgotten: WeakRef<object>[] = [];
  const large = durableTask({
    name: "large",
    run: async (n: number, { run }) => {
      const work = { bytes: new Uint8Array(50_000).fill(n) };
      forgotten.push(new WeakRef(work));
      await run(never, n);
      return work.bytes.length;
    },
  });
  const tasks = Array.from({ length: SUSPENDED }, (_, input) => ({ input }));
  await enqueueMany(sql, large, tasks);
  const worker = new Worker(few, { tasks: [large], slots: 200, log: () => {} });
  collectGarbage();
  const before = process.memoryUsage();
  while ((await worker.tick()) > 0);
  collectGarbage();
  const after = process.memoryUsage();

  const [counted] =
    await sql`select count(*)::int as suspended from tasks where status = 'suspended'`;
  expect(counted).toEqual({ suspended: SUSPENDED });
  expect(forgotten).toHaveLength(SUSPENDED);
  // A connection keeps the asynchronous context of the handler during which it was opened.
  const kept = forgotten.filter((work) => work.deref() !== undefined).length;
  expect(kept).toBeLessThanOrEqual(few.options.max);
  // All of them would be 500 MB, or a fifth of that in other lessons.
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(5_000_000);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(50_000_000);
}, 300_000);

test("many parents and children on many workers all end, without a deadlock", async () => {
  const { sql, url, schema } = await freshDatabase();
  const family = durableTask({
    name: "family",
    run: async (depth: number, { run }): Promise<number> => {
      if (depth === 0) return run(double, 1);
      const parts = await Promise.all([run(double, depth), run(family, depth - 1), run(double, 1)]);
      return parts.reduce((sum, n) => sum + n, 0);
    },
  });
  await enqueueMany(
    sql,
    family,
    Array.from({ length: 60 }, () => ({ input: 3 })),
  );
  const log: string[] = [];
  const workers = Array.from({ length: 4 }, (_, n) => {
    const pool = connect(url, { schema, max: 4 });
    onTestFinished(() => pool.end());
    const tasks = [family, double];
    return new Worker(pool, {
      tasks,
      name: `worker-${n}`,
      slots: 7,
      log: (line) => log.push(line),
    });
  });
  const unfinished = async () => {
    const [row] = await sql`
      select count(*)::int as tasks from tasks where status <> 'succeeded' or open_children <> 0`;
    return row?.tasks;
  };
  while ((await unfinished()) > 0) await Promise.all(workers.map((worker) => worker.tick()));

  const outputs = await sql`
    select distinct output::text as output from tasks where parent_id is null`;
  expect(outputs).toEqual([{ output: String(2 * (3 + 1 + 2 + 1 + 1 + 1 + 1)) }]);
  const [counted] = await sql`select count(*)::int as tasks from tasks`;
  expect(counted).toEqual({ tasks: 60 * (4 + 7) });
  expect(log.filter((line) => /deadlock|failed|lost/.test(line))).toEqual([]);
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  gc();
}
