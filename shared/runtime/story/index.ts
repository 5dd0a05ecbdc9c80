import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { connect, isTransientError, type Sql } from "../database/index.ts";
import type { StartedProcess } from "../processes/index.ts";

const often = { heartbeatIntervalMs: 200, pollIntervalMs: 20, graceMs: 50 };

/** A worker's timing in a story. The lease is shorter than in production, as the story waits for it to expire. */
export const LIVELY = { ...often, leaseMs: 2_000 };

/** The same with a lease that survives a restart of Postgres and a busy computer. */
export const PATIENT = { ...often, leaseMs: 30_000 };

/** Waits until `holds` returns true. Polls every few milliseconds, even while Postgres is unreachable. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await asked(holds))) await pause(5);
}

/** Returns the result of `ask`, which is retried while Postgres is unreachable. */
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

/** Starts the work of a process that is ready. Waits until the process reports that it has reached its stop point. */
export async function untilAtItsPlace(other: StartedProcess): Promise<void> {
  await other.firstMessage;
  const isThere = other.nextMessage();
  other.send("begin");
  await isThere;
}

/** Creates a schema with the tables of another lesson, from its `schema.sql` in `tables`. Returns a pool that uses it. */
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
