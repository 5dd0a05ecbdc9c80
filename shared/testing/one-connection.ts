import { onTestFinished } from "vitest";
import { backendPid, connect, type Sql } from "../runtime/database/index.ts";
import type { FreshDatabase } from "./fresh-database.ts";

/** Returns another connection to the test's tables, and the pid of its server process. It is closed after the test. */
export async function oneConnection({
  url,
  schema,
}: FreshDatabase): Promise<{ connection: Sql; pid: number }> {
  const connection = connect(url, { schema, max: 1 });
  onTestFinished(() => connection.end({ timeout: 0 }));
  return { connection, pid: await backendPid(connection) };
}
