import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

type Step = (name: string, run: () => string) => Promise<string>;

/** A `step` that finds the output of a call by its name, in a memory that survives an attempt. */
function byName(memory: Map<string, string>): Step {
  const seen = new Map<string, number>();
  return async (name, run) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const key = count === 1 ? name : `${name}#${count}`;
    const output = memory.get(key) ?? run();
    memory.set(key, output);
    return output;
  };
}

const charge = (step: Step, card: string) => step("charge", () => `charged ${card}`);

test("found by name, two swapped steps of one name get each other's output, and no error says so", async () => {
  const memory = new Map<string, string>();
  const first = byName(memory);
  await charge(first, "red");
  await charge(first, "blue");

  const swapped = byName(memory);
  const blue = await charge(swapped, "blue");
  const red = await charge(swapped, "red");
  expect({ red, blue }).toEqual({ red: "charged blue", blue: "charged red" });
});

test("compared with the log, they fail the task", async () => {
  const { sql } = await freshDatabase();
  const pay = (cards: string[]) =>
    task({
      name: "pay",
      retry: { backoffMs: 0 },
      run: async (_: null, { step, attempt }) => {
        for (const card of cards) await step("charge", () => `charged ${card}`, { input: card });
        if (attempt === 1) throw new Error("halfway");
      },
    });
  const id = await enqueue(sql, pay([]), null);
  await new Worker(sql, { tasks: [pay(["red", "blue"])], log: () => {} }).tick();
  await new Worker(sql, { tasks: [pay(["blue", "red"])], log: () => {} }).tick();
  expect(await result(sql, id)).toMatchObject({
    error: { message: expect.stringContaining("Changed: the input of call 1 is not what it was") },
  });
});
