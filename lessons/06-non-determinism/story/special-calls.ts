import { say } from "shared/console";
import type { Sql } from "shared/database";
import { enqueue, task } from "../engine/index.ts";
import { newWorker, runUntilEnded } from "./workers.ts";

const ticket = task({
  name: "ticket",
  retry: { backoffMs: 0 },
  run: async (_: null, { attempt, now, random, uuid }) => {
    const at = await now();
    const seconds = Math.floor((await random()) * 60);
    const number = await uuid();
    say(`  Date.now()  ${new Date().toISOString()}`);
    say(`  now()       ${at.toISOString()}`);
    say(`  random()    ready in ${seconds} s`);
    say(`  uuid()      ${number}`);
    if (attempt === 1) throw new Error("out of paper");
  },
});

/** Prints a ticket twice. */
export async function printTicket(sql: Sql): Promise<void> {
  const id = await enqueue(sql, ticket, null);
  await runUntilEnded(newWorker(sql, "worker-2", [ticket]), [id]);
}
