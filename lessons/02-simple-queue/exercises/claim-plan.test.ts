import { pgtyped, type Sql, type TypedConnection } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { claimTasks } from "../sql/queries.ts";

const WAITING = 50_000;

test("the claim reads only the rows that it takes", async () => {
  const sql = await longQueue();
  const explained = await claimTasks.run({ limit: 10 }, explaining(sql));
  expect(rowsRead(explained)).toBe(20);
});

test("a claim that is ordered by a case expression reads all queued tasks", async () => {
  const sql = await longQueue();
  await sql`create index by_status on tasks (status, id)`;
  const explained = await explaining(sql).query(
    `select id from tasks
     where status in ('queued', 'running')
     order by case status when 'queued' then 0 else 1 end, id
     limit 10
     for update skip locked`,
    [],
  );
  expect(rowsRead(explained.rows)).toBeGreaterThanOrEqual(WAITING);
});

async function longQueue(): Promise<Sql> {
  const { sql } = await freshDatabase();
  await sql`
    insert into tasks (name, input)
    select 'count', '{}' from generate_series(1, ${WAITING})`;
  await sql`
    insert into tasks (name, input, status, output)
    select 'count', '{}', 'succeeded', '1' from generate_series(1, ${WAITING})`;
  await sql`analyze tasks`;
  return sql;
}

/** A connection that runs each query and returns its plan instead of its rows. */
function explaining(sql: Sql): TypedConnection {
  const db = pgtyped(sql);
  return { query: (text, values) => db.query(`explain (analyze, format json) ${text}`, values) };
}

/** Returns the number of rows that were read from the table, including those that a filter removed. */
function rowsRead(explained: unknown[]): number {
  const [row] = explained as { "QUERY PLAN": { Plan: Node }[] }[];
  return scans(row?.["QUERY PLAN"][0]?.Plan)
    .map((scan) => {
      const perLoop = scan["Actual Rows"] + (scan["Rows Removed by Filter"] ?? 0);
      return perLoop * scan["Actual Loops"];
    })
    .reduce((sum, rows) => sum + rows, 0);
}

type Node = {
  "Relation Name"?: string;
  "Node Type": string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Node[];
};

function scans(node: Node | undefined): Node[] {
  if (!node) return [];
  const below = (node.Plans ?? []).flatMap(scans);
  return node["Node Type"].endsWith("Scan") && node["Relation Name"] === "tasks"
    ? [node, ...below]
    : below;
}
