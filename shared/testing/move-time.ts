import type { Sql } from "../runtime/database/index.ts";

/**
 * Simulates the passing of time: moves every timestamp in the test's schema back by `seconds`. Skips tables with a trigger
 * on update, because an append-only table refuses updates. Works with engines that have no timestamps.
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

// TRIGGER_TYPE_UPDATE in Postgres's source.
const FIRES_ON_UPDATE = 1 << 4;
