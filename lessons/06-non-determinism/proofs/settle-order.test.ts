import { freshDatabase, row } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "./durable-task.ts";

type Step = (name: string) => Promise<string>;

/**
 * Runs a program twice and returns its two outputs. In the first run, its steps end in this order. In the second run, none
 * of them runs: all results are in the log.
 */
async function runTwice(
  order: string[],
  program: (step: Step) => Promise<unknown>,
): Promise<unknown[]> {
  const { sql } = await freshDatabase();
  const seen: unknown[] = [];
  const ends = new Map<string, () => void>();
  const ended = new Map(
    order.map((name) => [name, new Promise<void>((resolve) => ends.set(name, resolve))]),
  );
  const next = (name: string) => ends.get(order[order.indexOf(name) + 1] ?? "")?.();
  ends.get(order[0] ?? "")?.();
  const branches = durableTask({
    name: "branches",
    retry: { maxAttempts: 2, backoffMs: 0 },
    run: async (_: null, context: TaskContext) => {
      const step = async (name: string) => {
        const output = await context.step(name, async () => {
          await ended.get(name);
          return name;
        });
        // The next step ends only when the program has got this one's result.
        next(name);
        return output;
      };
      seen.push(await program(step));
      if (context.attempt === 1) throw new Error("again");
    },
  });
  const id = await enqueue(sql, branches, null);
  const worker = new Worker(sql, { tasks: [branches], graceMs: 0, log: () => {} });
  while ((await worker.tick()) > 0);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
  return seen;
}

describe("branches that run side by side resume as they ran", () => {
  test("the winner of a race stays the winner", async () => {
    const seen = await runTwice(["b", "a", "after"], async (step) => {
      const winner = await Promise.race([step("a"), step("b")]);
      // By now, both steps may end: in the second run both are in the log.
      await step("after");
      return winner;
    });
    expect(seen).toEqual(["b", "b"]);
  });

  test("the first of any to succeed stays the first", async () => {
    const seen = await runTwice(["c", "b", "a", "after"], async (step) => {
      const fails = step("c").then(() => Promise.reject(new Error("c fails")));
      const winner = await Promise.any([step("a"), step("b"), fails]);
      await step("after");
      return winner;
    });
    expect(seen).toEqual(["b", "b"]);
  });

  test("chains under Promise.all get their own results, in the same order across all chains", async () => {
    const seen = await runTwice(["b1", "b2", "a1", "b3", "a2"], async (step) => {
      const settled: string[] = [];
      const chain = async (name: string, length: number) => {
        const outputs: string[] = [];
        for (let n = 1; n <= length; n += 1) {
          outputs.push(await step(`${name}${n}`));
          settled.push(`${name}${n}`);
        }
        return outputs;
      };
      return [await Promise.all([chain("a", 2), chain("b", 3)]), settled];
    });
    const once = [
      [
        ["a1", "a2"],
        ["b1", "b2", "b3"],
      ],
      ["b1", "b2", "a1", "b3", "a2"],
    ];
    expect(seen).toEqual([once, once]);
  });
});
