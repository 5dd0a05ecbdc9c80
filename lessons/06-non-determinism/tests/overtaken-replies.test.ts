import { setImmediate as turn } from "node:timers/promises";
import type { Sql } from "shared/database";
import { freshDatabase, Gate, intercept, log, row, textsOf } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

type Program = (a: Promise<string>, b: Promise<string>) => Promise<unknown>;

async function inOrder(a: Promise<string>, b: Promise<string>): Promise<string[]> {
  const order: string[] = [];
  const record = (name: string) => void order.push(name);
  await Promise.all([b.then(record), a.then(record)]);
  return order;
}

// Postgres appends the event of `a` before that of `b`, but the worker gets the reply to `b` first.
describe("two results come in log order, in the first run and in the second, if one reply overtakes the other", () => {
  const programs: [string, unknown, Program][] = [
    ["the winner of a race", "a", (a, b) => Promise.race([b, a])],
    [
      "the winner of nested races",
      "a",
      (a, b) => Promise.race([Promise.any([b]), Promise.race([a])]),
    ],
    ["the first of any to succeed", "a", (a, b) => Promise.any([b, a])],
    ["the order in which branches go on", ["a", "b"], inOrder],
  ];
  test.each(programs)("%s", async (_, expected, program) => {
    const { sql } = await freshDatabase();
    const logged = new Gate();
    const outputs: unknown[] = [];
    const order = durableTask({
      name: "order",
      retry: { backoffMs: 0 },
      run: async (_: null, { step, attempt }) => {
        const b = step("b", async () => {
          await logged.pass();
          return "b";
        });
        const a = step("a", () => "a");
        outputs.push(await program(a, b));
        await Promise.all([a, b]);
        if (attempt === 1) throw new Error("again");
      },
    });
    const id = await enqueue(sql, order, null);
    await runToEnd(overtaking(sql, logged), order);

    expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(await log(sql, id)).toEqual(["2 a succeeded", "1 b succeeded"]);
    expect(outputs).toEqual([expected, expected]);
  });

  test("the error of Promise.all", async () => {
    const { sql } = await freshDatabase();
    const logged = new Gate();
    const messages: string[] = [];
    const order = durableTask({
      name: "order",
      retry: { backoffMs: 0 },
      run: async (_: null, { step, attempt }) => {
        const b = step("b", async () => {
          await logged.pass();
          throw new Error("b fails");
        });
        const a = step("a", () => Promise.reject(new Error("a fails")));
        await Promise.all([b, a]).catch((error) => messages.push(error.message));
        await Promise.allSettled([a, b]);
        // Both failures are built upon.
        await step("after", () => {});
        if (attempt === 1) throw new Error("again");
      },
    });
    await enqueue(sql, order, null);
    await runToEnd(overtaking(sql, logged), order);

    expect(messages).toEqual(['Step "a" failed: a fails', 'Step "a" failed: a fails']);
  });
});

/** Opens `logged` when the event of `a` is in the log, and holds the reply back until the engine has got the one of `b`. */
function overtaking(sql: Sql, logged: Gate): Sql {
  const texts = textsOf("appendEvent");
  const overtaken = new Gate();
  return intercept(sql, {
    async after({ text, values }) {
      if (!texts.includes(text)) return;
      const sent = JSON.stringify(values);
      if (sent.includes('"a"')) {
        logged.open();
        await overtaken.pass();
      } else if (sent.includes('"b"')) {
        // After this hook, the engine gets the reply, and would settle the call within a few turns of the event loop.
        openInTurns(overtaken, 5);
      }
    },
  });
}

async function openInTurns(gate: Gate, turns: number): Promise<void> {
  for (let count = 1; count <= turns; count += 1) await turn();
  gate.open();
}
