import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { cancel, type DurableContext, durableTask, enqueue, result, task, Worker } from "#engine";
import { oneSlot } from "./still-works.ts";

const double = task({ name: "double", run: (n: number) => 2 * n });

// While `out` is awaited, nothing handles a rejection of `back` yet.
async function roundTrip(leg: (way: string) => Promise<unknown>): Promise<unknown[]> {
  const out = leg("out");
  const back = leg("back");
  return [await out, await back];
}

test.each(["step", "child"] as const)(
  "changed code in two branches fails the task once, as different from its log, without an unhandled rejection (%s)",
  async (kind) => {
    const { sql } = await freshDatabase();
    const unhandled = unhandledRejections();
    let version = 1;
    const trip = durableTask({
      name: "trip",
      run: (_: null, { run, step }) =>
        roundTrip(async (way) => {
          const name = `${way} ${version}`;
          if (kind === "step") await step(name, () => {});
          else await run(double, version);
          return run(double, 21);
        }),
    });
    const id = await enqueue(sql, trip, null);
    const { worker, tickAll, stillWorks } = oneSlot(sql, [trip, double]);
    await worker.tick();
    expect(await result(sql, id)).toEqual({ status: "suspended" });
    version = 2;
    await tickAll();

    expect(await result(sql, id)).toMatchObject({
      status: "failed",
      error: { name: "NonDeterminismError" },
    });
    await stillWorks();
    expect(unhandled()).toEqual([]);
  },
);

const ENDINGS = {
  "a cancellation": "cancelled",
  "a stop": "queued",
  "a timeout": "failed",
} as const;

test.each(
  Object.entries(ENDINGS).flatMap(([ending, status]) =>
    (["steps", "a child and a step"] as const).map((calls) => [ending, calls, status] as const),
  ),
)(
  "%s ends two branches that wait for %s, without an unhandled rejection",
  async (ending, calls, status) => {
    const { sql } = await freshDatabase();
    const unhandled = unhandledRejections();
    const gate = new Gate();
    const never = task({ name: "unknown to all workers", run: () => {} });
    const leg = async ({ run, step, signal }: DurableContext, way: string) => {
      // The rejection of a step that the signal has ended is not that of a call: it is told to no branch.
      const untilAborted = () =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          void gate.pass();
        });
      await (calls !== "steps" && way === "back" ? run(never, undefined) : step(way, untilAborted));
    };
    const trip = durableTask({
      name: "trip",
      ...(ending === "a timeout" && { timeoutMs: 200 }),
      run: (_: null, context) => roundTrip((way) => leg(context, way)),
    });
    const id = await enqueue(sql, trip, null);
    const worker = new Worker(sql, { tasks: [trip], slots: 1, log: () => {} });
    const tick = worker.tick();
    await gate.arrived(calls === "steps" ? 2 : 1);
    if (ending === "a cancellation") {
      await cancel(sql, id);
      // Its upkeep notices.
      await worker.tick();
    } else if (ending === "a stop") await worker.stop({ deadlineMs: 0 });
    await tick;

    expect(await result(sql, id)).toMatchObject({ status });
    // The handler has stopped at its calls: not even a step that failed with the signal's reason is in the log.
    const events =
      await sql`select name from events where task_id = ${id} and status <> 'reopened'`;
    expect(events).toEqual(calls === "steps" ? [] : [{ name: never.name }]);
    if (ending === "a stop") {
      await cancel(sql, id);
    }
    await oneSlot(sql, [trip]).stillWorks();
    expect(unhandled()).toEqual([]);
  },
);

const CATCHERS = ["a timeout", "a cancellation", "a stop"] as const;

test.each(CATCHERS)(
  "a loop that catches every error of a child call does not outlive %s",
  async (ending) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const never = task({ name: "unknown to all workers", run: () => {} });
    let rounds = 0;
    const stubborn = durableTask({
      name: "stubborn",
      ...(ending === "a timeout" && { timeoutMs: 200 }),
      run: async (_: null, { run, step, signal }) => {
        // Keeps the task from being suspended.
        void step("beside", () => {
          const aborted = new Promise<void>((resolve) =>
            signal.addEventListener("abort", () => resolve()),
          );
          void gate.pass();
          return aborted;
        });
        for (let isDone = false; !isDone; ) {
          rounds += 1;
          isDone = await run(never, undefined).then(
            () => true,
            () => false,
          );
        }
      },
    });
    const id = await enqueue(sql, stubborn, null);
    const worker = new Worker(sql, { tasks: [stubborn], slots: 1, log: () => {} });
    const tick = worker.tick();
    await gate.arrived(1);
    if (ending === "a cancellation") {
      await cancel(sql, id);
      await worker.tick();
    } else if (ending === "a stop") await worker.stop({ deadlineMs: 0 });
    await tick;

    expect(await result(sql, id)).toMatchObject({ status: ENDINGS[ending] });
    expect(rounds).toBe(1);
    if (ending === "a stop") await cancel(sql, id);
    const { tickAll, stillWorks } = oneSlot(sql, [stubborn]);
    await tickAll();
    await stillWorks();
    // Its child has been cancelled with it.
    expect(
      await sql`select status, open_children from tasks where name <> 'ping' order by id`,
    ).toEqual([
      { status: ending === "a timeout" ? "failed" : "cancelled", openChildren: 0 },
      { status: "cancelled", openChildren: 0 },
    ]);
  },
);

function unhandledRejections(): () => unknown[] {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  return () => unhandled;
}
