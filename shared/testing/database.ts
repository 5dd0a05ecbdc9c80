import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { onTestFinished } from "vitest";
import { connect, type Sql } from "../database/index.ts";
import { createIfMissing, withDatabase } from "../database/lesson-database.ts";
import { serverUrl } from "../database/server.ts";
import { lessonUnderTest } from "./lesson-under-test.ts";

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
  return withTables(await emptySchema(options));
}

/** The same, without any tables. */
export async function emptySchema(options: FreshOptions = {}): Promise<FreshDatabase> {
  return schemaAt(await scratchDatabase(), options);
}

type FreshOptions = { lockTimeoutMs?: number };

/** A schema of its own for one test, in the database at `url`. */
export async function schemaAt(url: string, options: FreshOptions = {}): Promise<FreshDatabase> {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const sql = connect(url, { schema, applicationName: "test", ...options });
  onTestFinished(async () => {
    await sql.end({ timeout: 0 });
    const admin = connect(url, { max: 1 });
    await admin`drop schema if exists ${admin(schema)} cascade`.finally(() => admin.end());
  });
  await sql`create schema ${sql(schema)}`;
  return { sql, url, schema };
}

/** Creates the tables of the lesson under test. */
export async function withTables(database: FreshDatabase): Promise<FreshDatabase> {
  const file = path.join(lessonUnderTest(), "sql/schema.sql");
  await database.sql.unsafe(readFileSync(file, "utf8"));
  return database;
}

let created: Promise<string> | undefined;

/** The URL of the database that all tests share, each in a schema of its own. */
function scratchDatabase(): Promise<string> {
  created ??= createScratchDatabase();
  return created;
}

// Named like a lesson's, because no other databases may be created on a server that is not ours.
const SCRATCH = "durable_lesson_00";

async function createScratchDatabase(): Promise<string> {
  const server = await serverUrl();
  const admin = connect(server, { max: 1 });
  const lock = await admin.reserve();
  try {
    await lock`select pg_advisory_lock(hashtext(${SCRATCH}))`;
    await createIfMissing(lock, SCRATCH);
  } finally {
    lock.release();
    await admin.end();
  }
  return withDatabase(server, SCRATCH);
}
