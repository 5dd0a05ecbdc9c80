import type { Sql } from "shared/database";
import { expect } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

const ping = task({ name: "ping", run: () => "pong" });

/** A worker with one slot, and a check that it still runs tasks. */
export function oneSlot(sql: Sql, tasks: ConstructorParameters<typeof Worker>[1]["tasks"]) {
  const worker = new Worker(sql, { tasks: [ping, ...tasks], slots: 1, graceMs: 0, log: () => {} });
  const tickAll = async () => {
    while ((await worker.tick()) > 0);
  };
  const stillWorks = async () => {
    const id = await enqueue(sql, ping, undefined);
    await tickAll();
    expect(await result(sql, id)).toEqual({ status: "succeeded", output: "pong" });
  };
  return { worker, tickAll, stillWorks };
}
