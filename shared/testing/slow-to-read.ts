import { onTestFinished } from "vitest";
import { backendPid, connect, type Sql } from "../runtime/database/index.ts";
import type { FreshDatabase } from "./fresh-database.ts";

export type SlowConnection = { sql: Sql; pid: number; goOn: () => Promise<void> };

/**
 * Returns a connection whose statements pause when they read this table: after they have started, before they lock a row of
 * it, and until `goOn`. On this connection, the table's name refers to a view with a condition that waits.
 */
export async function slowToRead(
  { sql, url, schema }: FreshDatabase,
  table: string,
): Promise<SlowConnection> {
  const slowSchema = `slow_${schema}`;
  await sql.unsafe(`
    create schema ${slowSchema};
    create function ${slowSchema}.wait() returns boolean language plpgsql volatile cost 1000000 as $$
    begin
      perform pg_advisory_xact_lock(hashtext('${schema}'));
      return true;
    end $$;
    create view ${slowSchema}.${table} as select * from ${table} where ${slowSchema}.wait()`);
  const slow = connect(url, { max: 1, schema: [slowSchema, schema] });
  const holder = await sql.reserve();
  onTestFinished(async () => {
    await slow.end({ timeout: 0 });
    holder.release();
    await sql.unsafe(`drop schema ${slowSchema} cascade`);
  });
  await holder`select pg_advisory_lock(hashtext(${schema}))`;
  return {
    sql: slow,
    pid: await backendPid(slow),
    async goOn() {
      await holder`select pg_advisory_unlock(hashtext(${schema}))`;
    },
  };
}
