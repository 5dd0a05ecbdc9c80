import type { Sql } from "../../runtime/database/index.ts";

/**
 * Replaces the only row of `table`, which the engine's own client has written, by `count` copies. `changed` gives the
 * columns that differ between the copies, each as an SQL expression of the copy's number `n`. We use this for engines
 * that enqueue one task at a time, because loading would take longer than measuring.
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
