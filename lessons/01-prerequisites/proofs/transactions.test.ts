import { transaction } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("enqueue joins the caller's transaction", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const sendInvoice = task({ name: "send-invoice", run: (order: string) => void ran.push(order) });
  const worker = new Worker(sql, { tasks: [sendInvoice] });

  await transaction(sql, async (tx) => {
    await enqueue(tx, sendInvoice, "committed");
    // Not visible to other transactions yet.
    expect(await worker.tick()).toBe(0);
  });
  const rolledBack = transaction(sql, async (tx) => {
    await enqueue(tx, sendInvoice, "rolled back");
    throw new Error("the order is refused");
  });
  await expect(rolledBack).rejects.toThrow("the order is refused");

  while ((await worker.tick()) > 0);
  expect(ran).toEqual(["committed"]);
});
