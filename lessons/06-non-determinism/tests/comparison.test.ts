import { freshDatabase, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { deploy, order } from "../proofs/deploy.ts";
import { durableTask } from "../proofs/durable-task.ts";

test("code that makes more calls after those of the log is no difference", async () => {
  const { sql } = await freshDatabase();
  const { id, ran } = await deploy(sql, order, async (context) => {
    await order(context);
    return context.step("thank", () => "thanked");
  });

  expect(ran).toEqual(["reserve", "charge", "ship", "thank"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "thanked" });
});

test("the order of an input's keys does not matter, and a step may get an input later", async () => {
  const { sql } = await freshDatabase();
  const { id } = await deploy(sql, order, async ({ step }) => {
    await step("reserve", () => "", { input: "is new" });
    await step("charge", () => "", { input: { card: "1234", euros: 12, note: undefined } });
    await step("ship", () => "");
    return "done";
  });

  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "done" });
});

test("a patch that is called within a step is refused, and can be called after the step", async () => {
  const { sql } = await freshDatabase();
  const ship = durableTask({
    name: "ship",
    run: async (_: null, { step, patched }) => {
      const within = await step("ask", () => patched("by train").catch((error) => error.message));
      return [within, await patched("by train")];
    },
  });
  const id = await enqueue(sql, ship, null);
  await new Worker(sql, { tasks: [ship], log: () => {} }).tick();

  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: [expect.stringContaining('"by train" is called within the step "ask"'), true],
  });
});
