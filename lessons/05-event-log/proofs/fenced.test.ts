import { fileURLToPath } from "node:url";
import { freshDatabase, freshLedger, Gate, log, moveTime, startTestProcess } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { calls } from "./calls.ts";
import { durableTask } from "./durable-task.ts";

const LEASE = { seconds: 15 };

describe("a step of a worker that has lost the task leaves no event, and its transaction is rolled back", () => {
  test.each(["step", "transaction"])("when it was frozen in its %s", async (place) => {
    const database = await freshDatabase();
    const { sql } = database;
    const ledger = freshLedger();
    await sql`create table accounts (name text, balance int)`;
    await sql`insert into accounts values ('alice', 100), ('bob', 0)`;
    const gate = new Gate();
    const transfer = durableTask({
      name: "transfer",
      run: async (_: string, context) => {
        const { step, transaction } = calls(context, sql);
        const checked = await step("check", () => "by another worker");
        await transaction("move", async (tx) => {
          await tx`update accounts set balance = balance - 10 where name = 'alice'`;
          await tx`update accounts set balance = balance + 10 where name = 'bob'`;
        });
        await step("tell", () => gate.pass());
        return checked;
      },
    });
    const id = await enqueue(sql, transfer, place);
    const script = fileURLToPath(new URL("zombie.ts", import.meta.url));
    const zombie = startTestProcess(script, database, ledger);
    await zombie.firstMessage;

    zombie.signal("SIGSTOP");
    await moveTime(sql, LEASE);
    const another = new Worker(sql, { tasks: [transfer], log: () => {} }).tick();
    await Promise.race([another, gate.arrived(1)]);
    const before = await log(sql, id);
    zombie.signal("SIGCONT");
    zombie.send("go on");
    expect(await zombie.ended).toBe(0);
    const after = await log(sql, id);
    gate.open();
    await another;

    expect(after).toEqual(before);
    expect(ledger.lines()).toEqual([]);
    expect(await sql`select name, balance from accounts order by name`).toEqual([
      { name: "alice", balance: 90 },
      { name: "bob", balance: 10 },
    ]);
    expect(await log(sql, id)).toEqual([
      "1 check succeeded",
      "2 move succeeded",
      "3 tell succeeded",
    ]);
  });
});
