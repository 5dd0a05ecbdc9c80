import { freshDatabase, Gate } from "shared/testing";
import { expect, test } from "vitest";
import { type DurableContext, durableTask, enqueue, result, task } from "#engine";
import { oneSlot } from "./still-works.ts";

const child = task({ name: "child", run: (n: number) => n });

test("calls on the context of a task that has ended never settle, and start nothing", async () => {
  const { sql } = await freshDatabase();
  let kept: DurableContext | undefined;
  const leaky = durableTask({
    name: "leaky",
    run: (_: null, context) => {
      kept = context;
    },
  });
  const borrower = durableTask({
    name: "borrower",
    run: async (_: null, { run }) => {
      const settled: string[] = [];
      const note = (what: string) => () => void settled.push(what);
      kept?.run(child, 1).then(note("child"), note("child"));
      kept?.step("too late", note("step has run")).then(note("step"), note("step"));
      const output = await run(child, 2);
      return [...settled, output];
    },
  });
  const leakyId = await enqueue(sql, leaky, null);
  const { tickAll, stillWorks } = oneSlot(sql, [leaky, borrower, child]);
  await tickAll();
  const id = await enqueue(sql, borrower, null);
  await tickAll();

  expect(await result(sql, id)).toEqual({
    status: "succeeded",
    output: [2],
  });
  expect(await sql`select from events where task_id = ${leakyId}`).toEqual([]);
  expect(await sql`select from tasks where name = 'child'`).toHaveLength(1);
  await stillWorks();
});

test("a call on the context of another running task is in the log of that task", async () => {
  const { sql } = await freshDatabase();
  const [lent, over] = [new Gate(), new Gate()];
  let kept: DurableContext | undefined;
  const lender = durableTask({
    name: "lender",
    run: async (_: null, context) => {
      kept = context;
      lent.open();
      await over.pass();
    },
  });
  const borrower = durableTask({
    name: "borrower",
    run: async (_: null, { step }) => {
      await lent.pass();
      const theirs = await kept?.step("theirs", () => "borrowed");
      return step("own", () => theirs);
    },
  });
  const lenderId = await enqueue(sql, lender, null);
  const id = await enqueue(sql, borrower, null);
  const first = oneSlot(sql, [lender]).worker.tick();
  const { tickAll, stillWorks } = oneSlot(sql, [borrower, child]);
  await tickAll();
  over.open();
  await first;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "borrowed" });
  expect(await result(sql, lenderId)).toEqual({ status: "succeeded", output: null });
  const events = await sql`select task_id, name from events order by name`;
  expect(events).toEqual([
    { taskId: id, name: "own" },
    { taskId: lenderId, name: "theirs" },
  ]);
  await stillWorks();
});

test("a call within a step is refused, and retrying is pointless", async () => {
  const { sql } = await freshDatabase();
  const nesting = durableTask({
    name: "nesting",
    retry: { backoffMs: 0 },
    run: async (call: "run" | "step", context) => {
      await context.step("outer", () =>
        call === "run" ? context.run(child, 1) : context.step("inner", () => 1),
      );
    },
  });
  const ids = [await enqueue(sql, nesting, "run"), await enqueue(sql, nesting, "step")];
  const { tickAll, stillWorks } = oneSlot(sql, [nesting, child]);
  await tickAll();

  const [run, step] = await Promise.all(ids.map((id) => result(sql, id)));
  const why = 'within the step "outer"; make one call after the other';
  expect(run).toMatchObject({
    error: { message: expect.stringContaining(`The child "child" is called ${why}`) },
  });
  expect(step).toMatchObject({
    error: { message: expect.stringContaining(`The step "inner" is called ${why}`) },
  });
  const attempts = await sql`select attempt from tasks`;
  expect(attempts).toEqual([{ attempt: 1 }, { attempt: 1 }]);
  await stillWorks();
});
