import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../user-error.ts";
import type { Sql } from "./connect.ts";
import { queriesFingerprint } from "./queries-fingerprint.ts";

export type Lesson = ReturnType<typeof lessonAt>;

/** The lesson whose `main.ts` is at `mainUrl`. Throws a `UserError` if `queries.ts` is out of date. */
export function lessonAt(mainUrl: string) {
  const folder = path.dirname(fileURLToPath(mainUrl));
  checkQueriesInStep(folder);
  const number = path.basename(folder).slice(0, 2);
  const schema = readFileSync(path.join(folder, "sql/schema.sql"), "utf8");
  return { number, name: lessonDatabaseName(number), schema };
}

/** The name of the database of a lesson, by its number: `02`. `00` is that of the tests. */
export function lessonDatabaseName(number: string): string {
  return `durable_lesson_${number}`;
}

/** Creates the lesson's tables, and records a hash of their schema for processes that join later. */
export async function applySchema(sql: Sql, { schema }: Lesson): Promise<void> {
  await sql.unsafe(schema);
  await sql.unsafe(`comment on schema public is '${hashOf(schema)}'`);
}

/** Creates the lesson's tables if there are none. Throws a `UserError` if there are tables of another schema. */
export async function joinSchema(sql: Sql, lesson: Lesson): Promise<void> {
  const [found] = await sql`
    select obj_description('public'::regnamespace, 'pg_namespace') as hash,
           exists (select from pg_class where relnamespace = 'public'::regnamespace) as has_tables`;
  if (!found?.hasTables) return applySchema(sql, lesson);
  if (found.hash === hashOf(lesson.schema)) return;
  throw new UserError(
    `The database ${lesson.name} was created with another schema than lesson ${lesson.number} has now; ` +
      `\`pnpm --filter lesson-${lesson.number} start\` creates it again and deletes what is in it.`,
  );
}

function hashOf(schema: string): string {
  return createHash("sha256").update(schema).digest("hex");
}

// Emptied, not dropped: a reader's psql may be connected. It may stay connected unless it has left a transaction open,
// whose locks we would wait for. Workers that survived a killed run are disconnected.
export async function emptyDatabase(sql: Sql, applicationName: string): Promise<void> {
  await sql`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database()
      and (application_name = ${applicationName} or state like 'idle in transaction%')
      and pid <> pg_backend_pid()`;
  const schemas = await sql`
    select nspname as name
    from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'`;
  for (const { name } of schemas) await sql`drop schema ${sql(name)} cascade`;
  await sql`create schema public`;
}

function checkQueriesInStep(folder: string): void {
  const queries = readFileSync(path.join(folder, "sql/queries.sql"), "utf8");
  const generated = readFileSync(path.join(folder, "sql/queries.ts"), "utf8");
  if (generated.startsWith(queriesFingerprint(queries))) return;
  throw new UserError(
    `lessons/${path.basename(folder)}/sql/queries.sql has changed since queries.ts was generated from it; ` +
      "run `pnpm typegen`, then start again.",
  );
}
