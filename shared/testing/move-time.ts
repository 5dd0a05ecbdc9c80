import type { Sql } from "../runtime/database/index.ts";

/**
 * Lets time pass in the database: every time in every table of the test's schema moves into the past.
 * Tables whose columns hold no times are left alone, so it does nothing on an engine that knows none, and so
 * are those with a trigger on update: they may refuse it, as what has happened has happened.
 */
export async function moveTime(sql: Sql, { seconds }: { seconds: number }): Promise<void> {
  const columns = await sql`
    select relname as table, attname as column
    from pg_class
    join pg_attribute on attrelid = pg_class.oid
    where relnamespace = current_schema()::text::regnamespace
      and relkind = 'r'
      and atttypid = 'timestamptz'::regtype
      and not exists (
        select from pg_trigger
        where tgrelid = pg_class.oid
          and not tgisinternal
          and tgenabled in ('O', 'A')
          and tgtype & ${FIRES_ON_UPDATE} <> 0
      )`;
  for (const { table, column } of columns) {
    await sql`
      update ${sql(table)}
      set ${sql(column)} = ${sql(column)} - ${seconds}::float8 * interval '1 second'
      where ${sql(column)} is not null`;
  }
}

// Postgres calls it TRIGGER_TYPE_UPDATE.
const FIRES_ON_UPDATE = 1 << 4;
