import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../user-error.ts";
import type { Sql } from "./connect.ts";
import { queriesFingerprint } from "./queries-fingerprint.ts";

export type Lesson = ReturnType<typeof lessonAt>;

/** Returns the lesson whose `main.ts` is at `mainUrl`. Throws a `UserError` if its `queries.ts` is out of date. */
export function lessonAt(mainUrl: string) {
  const folder = path.dirname(fileURLToPath(mainUrl));
  checkQueriesInStep(folder);
  const number = path.basename(folder).slice(0, 2);
  const schema = readFileSync(path.join(folder, "sql/schema.sql"), "utf8");
  return { number, name: lessonDatabaseName(number), schema };
}

/** Returns the name of a lesson's database. `number` is `02`, for example; the tests use `00`. */
export function lessonDatabaseName(number: string): string {
  return `durable_lesson_${number}`;
}

/** Creates the lesson's tables, and records a hash of the schema for processes that join later. */
export async function applySchema(sql: Sql, { schema }: Lesson): Promise<void> {
  // A run that was killed while it emptied the database may have left none.
  await sql`create schema if not exists public`;
  await sql.unsafe(schema);
  await sql.unsafe(`comment on schema public is '${hashOf(schema)}'`);
}

/** Creates the lesson's tables if there are none. Throws a `UserError` if the tables have another schema. */
export async function joinSchema(sql: Sql, lesson: Lesson): Promise<void> {
  const [found] = await sql`
    select obj_description(to_regnamespace('public'), 'pg_namespace') as hash,
           exists (select from pg_class where relnamespace = to_regnamespace('public')) as has_tables`;
  if (!found?.hasTables) return applySchema(sql, lesson);
  if (found.hash === hashOf(lesson.schema)) return;
  throw new UserError(
    `The schema of lesson ${lesson.number} has changed since the database ${lesson.name} was created; ` +
      `\`pnpm --filter lesson-${lesson.number} start\` deletes its rows and creates the new schema.`,
  );
}

function hashOf(schema: string): string {
  return createHash("sha256").update(schema).digest("hex");
}

// Emptied, not dropped, so that a reader's psql can stay connected, unless it has an open transaction, whose locks would
// block us. Workers that survived a killed run are disconnected.
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
