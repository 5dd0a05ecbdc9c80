import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueueMany, task } from "#engine";
import { startIdle } from "../proofs/idle-worker.ts";

test("while somebody holds up the end of a task, its worker goes on, and afterwards has all its slots", async () => {
  const { sql } = await freshDatabase();
  const gates = [0, 1, 2, 3].map(() => new Gate());
  const waits = task({ name: "waits", run: (n: number) => gates[n]?.pass() });
  const log: string[] = [];
  const options = { slots: 2, pollIntervalMs: 5, log: (line: string) => log.push(line) };
  await startIdle(sql, { tasks: [waits], ...options });
  const tasks = gates.map((_, input) => ({ input }));
  const [held] = await enqueueMany(sql, waits, tasks);
  await Promise.all([gates[0]?.arrived(1), gates[1]?.arrived(1)]);
  const holder = await sql.reserve();
  onTestFinished(() => holder.release());
  await holder`begin`;
  await holder`select from tasks where id = ${held as string} for update`;
  gates[0]?.open();
  gates[1]?.open();
  await gates[2]?.arrived(1);
  gates[2]?.open();
  await gates[3]?.arrived(1);
  gates[3]?.open();
  const left = () => sql`select id from tasks where status <> 'succeeded'`.catch(() => undefined);
  await expect.poll(left).toEqual([{ id: held }]);
  await holder`commit`;
  await expect.poll(left).toEqual([]);

  const both = new Gate();
  gates.push(both);
  await enqueueMany(sql, waits, [{ input: 4 }, { input: 4 }]);
  await both.arrived(2);
  both.open();
  expect(log.filter((line) => /failed|lost/.test(line))).toEqual([]);
});
