import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import type { Sql } from "../../runtime/database/index.ts";
import { emptySchema } from "../../testing/index.ts";
import { findLessons, type Lesson } from "../lessons/lessons.ts";
import { isAcross } from "../lessons/rewritten.ts";

const lessons = findLessons();
const steps = lessons
  .slice(1)
  .map((to, index) => ({ from: lessons[index] as Lesson, to }))
  .filter(({ from, to }) => !isAcross(from.number, to.number));

describe.each(steps)("upgrade.sql of lesson $to.number", ({ from, to }) => {
  test("makes the schema of the lesson before into its own", async () => {
    const upgraded = await emptySchema();
    await upgraded.sql.unsafe(sqlOf(from, "schema.sql"));
    await upgrade(upgraded.sql, to);
    const fresh = await emptySchema();
    await fresh.sql.unsafe(sqlOf(to, "schema.sql"));

    const catalogue = await catalogueOf(fresh.sql, fresh.schema);
    expect(catalogue.length).toBeGreaterThan(0);
    expect(await catalogueOf(upgraded.sql, upgraded.schema)).toEqual(catalogue);
  });

  test("a task that was enqueued before it runs after it", async () => {
    const { sql } = await emptySchema();
    const before = await engineOf(from);
    const after = await engineOf(to);
    const ran: unknown[] = [];
    const greet = after.task({ name: "greet", run: (input) => void ran.push(input) });

    await sql.unsafe(sqlOf(from, "schema.sql"));
    await before.enqueue(sql, greet, { n: 1 });
    await upgrade(sql, to);
    await new after.Worker(sql, { tasks: [greet], log: () => {} }).tick();

    expect(ran).toEqual([{ n: 1 }]);
  });
});

const remembering = steps.filter(({ from }) => sqlOf(from, "schema.sql").includes("table events"));

test.each(remembering)(
  "a task that is half done goes on after upgrade.sql of lesson $to.number",
  async ({ from, to }) => {
    const { sql } = await emptySchema();
    const before = await engineOf(from);
    const after = await engineOf(to);
    const ran: string[] = [];
    const order = (engine: Engine) =>
      (engine.durableTask ?? engine.task)({
        name: "order",
        retry: { backoffMs: 0 },
        run: async (_, context) => {
          await context?.step("charge", () => void ran.push("charged"));
          if (context?.attempt === 1) throw new Error("half way");
          await context?.step("ship", () => void ran.push("shipped"));
        },
      });

    await sql.unsafe(sqlOf(from, "schema.sql"));
    await before.enqueue(sql, order(before), null);
    await new before.Worker(sql, { tasks: [order(before)], log: () => {} }).tick();
    await upgrade(sql, to);
    await new after.Worker(sql, { tasks: [order(after)], log: () => {} }).tick();

    expect(ran).toEqual(["charged", "shipped"]);
    expect(await sql`select status, attempt from tasks`).toEqual([
      { status: "succeeded", attempt: 2 },
    ]);
  },
);

/** What every lesson's engine can do. */
type Engine = {
  task(definition: Definition): Definition;
  durableTask?(definition: Definition): Definition;
  enqueue(sql: Sql, definition: Definition, input: unknown): Promise<unknown>;
  Worker: new (
    sql: Sql,
    options: { tasks: Definition[]; log: (line: string) => void },
  ) => { tick(): Promise<unknown> };
};
type Definition = {
  name: string;
  retry?: { backoffMs: number };
  run: (input: unknown, context?: Context) => unknown;
};
type Context = { attempt: number; step(name: string, run: () => unknown): Promise<unknown> };

/** On one connection: what is added to a type has to be committed before it is used. */
async function upgrade(sql: Sql, to: Lesson): Promise<void> {
  const connection = await sql.reserve();
  await connection.unsafe(sqlOf(to, "upgrade.sql")).finally(() => connection.release());
}

function engineOf(lesson: Lesson): Promise<Engine> {
  return import(pathToFileURL(path.join(lesson.path, "engine/index.ts")).href);
}

function sqlOf(lesson: Lesson, file: string): string {
  return readFileSync(path.join(lesson.path, "sql", file), "utf8");
}

/** All that a schema holds, as lines; columns by name, as an upgrade can only add them at the end. */
async function catalogueOf(sql: Sql, schema: string): Promise<string[]> {
  const rows = await sql`
    with relations as (
      select oid, relname, relkind from pg_class where relnamespace = ${schema}::regnamespace
    )
    select format('%s %s', relkind, relname) as line
    from relations
    union all
    select format('column %s.%s %s %s default %s identity %s', relname, attname,
                  format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
                  pg_get_expr(adbin, adrelid), attidentity)
    from relations
    join pg_attribute on attrelid = relations.oid and attnum > 0 and not attisdropped
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    union all
    select format('constraint %s %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid))
    from relations
    join pg_constraint on conrelid = relations.oid
    union all
    select format('index %s', pg_get_indexdef(oid))
    from relations
    where relkind = 'i'
    union all
    select format('type %s %s', typname, string_agg(enumlabel, ', ' order by enumsortorder))
    from pg_type
    join pg_enum on enumtypid = pg_type.oid
    where typnamespace = ${schema}::regnamespace
    group by typname
    union all
    select format('trigger %s %s', relname, pg_get_triggerdef(pg_trigger.oid))
    from relations
    join pg_trigger on tgrelid = relations.oid and not tgisinternal
    union all
    select format('function %s', pg_get_functiondef(oid))
    from pg_proc
    where pronamespace = ${schema}::regnamespace`;
  return rows.map(({ line }) => line.replaceAll(`${schema}.`, "")).sort();
}
