import { freshDatabase, Gate, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, enqueueMany, task, Worker } from "#engine";
import { Writes } from "#engine/writes.ts";
import { GROUPS } from "./groups.ts";
import { TWENTY, tickOnce } from "./twenty.ts";

test.each(GROUPS)(
  "of $what of many tasks, those whose claim is lost are not written, and told so",
  async ({ batch, definition, written }) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const stopping = stoppingAt(sql, { query: batch, when: "before" }, () => gate.pass());
    const log: string[] = [];
    const writes = definition(() => {});
    const ids = await enqueueMany(sql, writes, TWENTY);
    const ticked = tickOnce(stopping, writes, { log: (line) => log.push(line) });
    await gate.arrived(1);
    const [lost, kept] = [ids.slice(0, 10), ids.slice(10)];
    await sql`update tasks set fence = fence + 1 where id = any (${lost})`;
    gate.open();
    await ticked;

    const rows = await sql.unsafe(`${written} order by id`);
    expect(rows.map(({ id }) => id)).toEqual(kept);
    const told = log.flatMap((line) => / lost \S+ task=(\d+)/.exec(line)?.[1] ?? []);
    expect(told.sort((a, b) => Number(a) - Number(b))).toEqual(lost);
    const left = await sql`select distinct status from tasks where id = any (${lost})`;
    expect(left).toEqual([{ status: "running" }]);
  },
);

test("a task that this worker has lost and claimed again is written for its new claim only, in one group", async () => {
  const { sql } = await freshDatabase();
  const hangs = task({ name: "hangs", run: () => new Gate().pass() });
  const id = await enqueue(sql, hangs, undefined);
  void new Worker(sql, { tasks: [hangs], log: () => {} }).tick();
  await expect.poll(() => sql`select from tasks where fence = 1`).toHaveLength(1);
  await sql`update tasks set fence = 2`;
  const writes = new Writes(sql, 1, async () => {});
  const both = [1, 2];
  const event = { taskId: id, position: 1, name: "step", inputHash: null, attempt: 1 };
  const step = { ...event, kind: "step", status: "succeeded", error: null } as const;
  const events = both.map((fence) => writes.appendEvent({ ...step, fence, output: `${fence}` }));
  expect(await Promise.all(events)).toEqual([undefined, expect.objectContaining({ seq: 1 })]);
  const child = { ...event, position: 2, name: "child", input: "1", maxAttempts: 1 };
  const starts = both.map((fence) => writes.startChild({ ...child, fence }));
  expect(await Promise.all(starts)).toEqual([undefined, expect.objectContaining({ seq: 2 })]);
  const ends = both.map((fence) => writes.succeedTask({ id, fence, output: `${fence}` }));
  expect(await Promise.all(ends)).toEqual([undefined, expect.objectContaining({ nth: 2 })]);

  expect(await sql`select output from events order by seq`).toEqual([
    { output: 2 },
    { output: null },
  ]);
  expect(await sql`select output from tasks where id = ${id}`).toEqual([{ output: 2 }]);
});
