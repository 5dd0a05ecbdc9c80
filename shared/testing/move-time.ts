import type { Sql } from "../database/index.ts";

/**
 * Lets time pass in the database: every time in every table of the test's schema moves into the past.
 * Tables whose columns hold no times are left alone, so it does nothing on an engine that knows none.
 */
export async function moveTime(sql: Sql, { seconds }: { seconds: number }): Promise<void> {
  const columns = await sql`
    select table_name as table, column_name as column
    from information_schema.columns
    where table_schema = current_schema()
      and data_type = 'timestamp with time zone'`;
  for (const { table, column } of columns) {
    await sql`
      update ${sql(table)}
      set ${sql(column)} = ${sql(column)} - ${seconds}::float8 * interval '1 second'
      where ${sql(column)} is not null`;
  }
}
