import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { onTestFinished } from "vitest";
import { connect, isConflict, type Sql, serverUrl } from "../runtime/database/index.ts";
import { lessonUnderTest } from "./lesson-under-test.ts";
import { createScratchDatabase } from "./scratch-database.ts";

export type FreshDatabase = {
  sql: Sql;
  url: string;
  /** The tables are in a schema of their own; pass it to `connect` for another pool. */
  schema: string;
};

/**
 * Empty tables for one test, with the schema of the lesson under test; gone when the test is over.
 * `lockTimeoutMs` makes a query that waits longer for a lock fail.
 */
export async function freshDatabase(options: FreshOptions = {}): Promise<FreshDatabase> {
  return freshDatabaseAt(await scratchDatabase(), options);
}

/** The same, without any tables. */
export async function emptySchema(options: FreshOptions = {}): Promise<FreshDatabase> {
  return schemaAt(await scratchDatabase(), "", options);
}

/** The same as `freshDatabase`, in the database at `url`. */
export function freshDatabaseAt(url: string, options: FreshOptions = {}): Promise<FreshDatabase> {
  const tables = readFileSync(path.join(lessonUnderTest(), "sql/schema.sql"), "utf8");
  return schemaAt(url, tables, options);
}

type FreshOptions = { lockTimeoutMs?: number };

async function schemaAt(
  url: string,
  tables: string,
  options: FreshOptions,
): Promise<FreshDatabase> {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const admin = adminOf(url);
  const sql = connect(url, { schema, applicationName: "test", ...options });
  onTestFinished(async () => {
    await sql.end({ timeout: 0 });
    await dropped(admin, schema);
  });
  // All of it in one transaction, as it is sent as one.
  await admin.unsafe(`create schema ${schema}; set local search_path to ${schema};\n${tables}`);
  return { sql, url, schema };
}

// One for all tests of a process, which ends with it: to open a connection and to learn the catalog costs
// Postgres more than the tables do.
const admins = new Map<string, Sql>();

function adminOf(url: string): Sql {
  const admin = admins.get(url) ?? connect(url, { max: 1 });
  admins.set(url, admin);
  return admin;
}

let created: Promise<string> | undefined;

/** The runner of the proofs has created it, and tells where. */
async function scratchDatabase(): Promise<string> {
  if (process.env.SCRATCH_DATABASE) return process.env.SCRATCH_DATABASE;
  created ??= serverUrl().then(createScratchDatabase);
  return created;
}

/** What a test has left running may still be at it in Postgres, and wait for the drop as the drop waits for it. */
async function dropped(admin: Sql, schema: string): Promise<void> {
  for (;;) {
    try {
      await admin`drop schema if exists ${admin(schema)} cascade`;
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}
