import type { Sql } from "../../runtime/database/index.ts";

/**
 * Makes `count` copies of the one row of `table`, which the engine's own client has written, and removes that. `changed`
 * says which columns differ, as an SQL expression of the number `n`. Engines that enqueue one at a time would take
 * longer to load than to measure.
 */
export async function cloneRow(
  sql: Sql,
  table: string,
  count: number,
  changed: Record<string, string>,
): Promise<void> {
  const pairs = Object.entries(changed).map(([column, value]) => `'${column}', ${value}`);
  await sql.unsafe(`
    with original as (
      delete from ${table} returning *
    )
    insert into ${table}
    select copy.*
    from original
    cross join generate_series(0, ${count} - 1) as n
    cross join lateral jsonb_populate_record(
      original::${table},
      jsonb_build_object(${pairs.join(", ")})
    ) as copy`);
}
