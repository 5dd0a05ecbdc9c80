import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { connect, isTransientError, type Sql } from "../database/index.ts";
import type { StartedProcess } from "../processes/index.ts";

const often = { heartbeatIntervalMs: 200, pollIntervalMs: 20, graceMs: 50 };

/** A worker's timing in a story: a shorter lease than one would choose, as the story waits for it to expire. */
export const LIVELY = { ...often, leaseMs: 2_000 };

/** The same with a lease that survives a restart of Postgres and a busy computer. */
export const PATIENT = { ...often, leaseMs: 30_000 };

/** Waits until `holds` returns true. Asks every few milliseconds, also while Postgres is away. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await asked(holds))) await pause(5);
}

/** Returns what `ask` returns. Asks again while Postgres is away. */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransientError(error)) throw error;
      await pause(50);
    }
  }
}

/** Lets a process that is ready begin. Waits until it reports that it has come to the place where it stops. */
export async function untilAtItsPlace(other: StartedProcess): Promise<void> {
  await other.firstMessage;
  const isThere = other.nextMessage();
  other.send("begin");
  await isThere;
}

/** Creates a schema with the tables of another lesson, whose `schema.sql` is `tables`. Returns a pool that uses it. */
export async function connectToTables(
  url: string,
  tables: URL,
  { schema, applicationName }: { schema: string; applicationName: string },
): Promise<Sql> {
  const sql = connect(url, { schema, applicationName });
  await sql`create schema ${sql(schema)}`;
  await sql.unsafe(readFileSync(tables, "utf8"));
  return sql;
}
