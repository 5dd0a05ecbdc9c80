import { fileURLToPath } from "node:url";
import {
  freshDatabase,
  freshLedger,
  Gate,
  moveTime,
  polledRow,
  row,
  startTestProcess,
} from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

const LEASE = { seconds: 15 };

describe("the outcome of a worker that has lost the task changes nothing", () => {
  test.each(["succeeds", "fails"])(
    "when the task has ended elsewhere, and its handler %s",
    async (how) => {
      const database = await freshDatabase();
      const { sql } = database;
      const ledger = freshLedger();
      const charge = task({ name: "charge", run: (_: string) => "by another worker" });
      const id = await enqueue(sql, charge, how);
      const script = fileURLToPath(new URL("zombie.ts", import.meta.url));
      const zombie = startTestProcess(script, database, ledger);
      await zombie.firstMessage;

      zombie.signal("SIGSTOP");
      await moveTime(sql, LEASE);
      await new Worker(sql, { tasks: [charge], log: () => {} }).tick();
      const before = await row(sql, id);
      zombie.signal("SIGCONT");
      zombie.send("go on");
      expect(await zombie.ended).toBe(0);

      expect(before).toMatchObject({ status: "succeeded", output: "by another worker" });
      expect(await row(sql, id)).toEqual(before);
    },
  );

  test("while another worker is running the task", async () => {
    const database = await freshDatabase();
    const { sql } = database;
    const ledger = freshLedger();
    const gate = new Gate();
    const charge = task({
      name: "charge",
      run: async (_: string) => {
        await gate.pass();
        return "by another worker";
      },
    });
    const id = await enqueue(sql, charge, "succeeds");
    const script = fileURLToPath(new URL("zombie.ts", import.meta.url));
    const zombie = startTestProcess(script, database, ledger);
    await zombie.firstMessage;

    zombie.signal("SIGSTOP");
    await moveTime(sql, LEASE);
    const another = new Worker(sql, { tasks: [charge], log: () => {} }).tick();
    await Promise.race([another, gate.arrived(1)]);
    zombie.signal("SIGCONT");
    zombie.send("go on");
    await zombie.ended;
    const meanwhile = await row(sql, id);
    gate.open();
    await another;

    expect(meanwhile).toMatchObject({ status: "running", attempt: 2 });
    expect(await row(sql, id)).toMatchObject({ output: "by another worker" });
  });
});

test("a worker that has lost its tasks stops running them, and goes on as a new worker", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ledger = freshLedger();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const again = task({ name: "again", run: () => {} });
  const id = await enqueue(sql, wait, null);
  const script = fileURLToPath(new URL("living-worker.ts", import.meta.url));
  const frozen = startTestProcess(script, database, ledger);
  await frozen.firstMessage;

  frozen.signal("SIGSTOP");
  await moveTime(sql, LEASE);
  const another = new Worker(sql, { tasks: [wait], name: "another", log: () => {} }).tick();
  await Promise.race([another, gate.arrived(1)]);
  frozen.signal("SIGCONT");
  await expect.poll(() => ledger.lines()).toEqual(["stopped: ClaimLostError"]);

  // Its heartbeat has not taken the task back.
  const [owner] = await sql`
    select workers.name from tasks join workers on workers.id = worker_id where tasks.id = ${id}`;
  expect(owner).toEqual({ name: "another" });
  gate.open();
  await another;
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: null, attempt: 2 });

  const next = await enqueue(sql, again, null);
  await expect
    .poll(polledRow(sql, next))
    .toMatchObject({ status: "succeeded", output: "by the same process" });
});
