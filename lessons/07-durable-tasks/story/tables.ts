import { familyTree, readFamily } from "shared/commands";
import { table, tree } from "shared/console";
import type { Sql } from "shared/database";

/** Prints a task's log as a tree, with what it has started. */
export async function showTree(sql: Sql, id: string): Promise<void> {
  const family = await readFamily(sql, id);
  if (family) tree(familyTree(family), 13);
}

/**
 * Prints a task and what it has started, and what that has started if it took more than one attempt. How often a parent
 * was claimed is a matter of timing, so it is drawn.
 */
export async function showTasks(sql: Sql, id: string): Promise<void> {
  table(
    await sql`
      with recursive family as (
        select *, 0 as depth from tasks where id = ${id}
        union all
        select tasks.*, depth + 1 from tasks join family on tasks.parent_id = family.id
      )
      select id, coalesce(parent_id::text, '') as parent, name, status, attempt,
             event_count as events, repeat('█', fence) as fence
      from family
      where depth < 2 or attempt > 1
      order by id`,
  );
}
