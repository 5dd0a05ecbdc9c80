import { familyTree, readFamily } from "shared/commands";
import { table, tree } from "shared/console";
import type { Sql } from "shared/database";

/** Prints a task's log as a tree, with its descendants. */
export async function showTree(sql: Sql, id: string): Promise<void> {
  const family = await readFamily(sql, id);
  if (family) tree(familyTree(family), 13);
}

/** Prints a task, its children, and those of their children that took more than one attempt. */
export async function showTasks(sql: Sql, id: string): Promise<void> {
  // How often a parent was claimed depends on timing, so it is drawn.
  table(
    await sql`
      with recursive family as (
        select *, 0 as depth from tasks where id = ${id}
        union all
        select tasks.*, depth + 1 from tasks join family on tasks.parent_id = family.id
      )
      select id, coalesce(parent_id::text, '') as parent, name, status, attempt,
             event_count as events, repeat('█', fence) as claims
      from family
      where depth < 2 or attempt > 1
      order by id`,
  );
}
