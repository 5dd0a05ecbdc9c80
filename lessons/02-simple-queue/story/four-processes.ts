import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { say, table } from "shared/console";
import { one, type Sql, transaction } from "shared/database";
import { Ledger, type StartedProcess, startProcess } from "shared/processes";
import { enqueue } from "../engine/index.ts";
import { countIn } from "./tasks.ts";

const TASKS = 1_000;

export type Fleet = { ledger: Ledger; processes: StartedProcess[] };

/** Starts four worker processes, which wait for a word before they begin. */
export function startFleet(url: string): Fleet {
  const ledger = Ledger.create();
  const script = fileURLToPath(new URL("worker-process.ts", import.meta.url));
  const environment = { DATABASE: url, LEDGER: ledger.file };
  const processes = [1, 2, 3, 4].map(() => startProcess(script, environment));
  return { ledger, processes };
}

/** Lets the fleet empty a full queue, and prints what its handlers wrote into the ledger. */
export async function emptyQueue(sql: Sql, { ledger, processes }: Fleet): Promise<void> {
  const count = countIn(ledger);
  await transaction(sql, async (tx) => {
    for (let n = 0; n < TASKS; n += 1) await enqueue(tx, count, { n });
  });
  say(
    `${TASKS.toLocaleString("en")} tasks wait, and four processes ask for them at the same time. Each handler writes`,
  );
  say("a line into a ledger, a file outside Postgres:");
  say();
  for (const each of processes) each.send("go");
  await untilNone(sql, "queued");
  await untilNone(sql, "running");

  const times = [...ledger.counts().values()];
  table([
    {
      "ran once": times.filter((time) => time === 1).length,
      "ran twice or more": times.filter((time) => time > 1).length,
      "never ran": TASKS - times.length,
    },
  ]);
}

/** Resolves when no task has this status; every process of the fleet works towards it. */
async function untilNone(sql: Sql, status: string): Promise<void> {
  while (one(await sql`select exists (select from tasks where status = ${status}) as some`).some) {
    await pause(10);
  }
}
