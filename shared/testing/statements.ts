import { assert } from "vitest";
import { one, type Sql } from "../runtime/database/index.ts";
import { intercept, type Statement } from "./intercept.ts";
import { type QueryName, spoken, textsByName, textsOf } from "./lesson-queries.ts";

export type Recorded = {
  /** The pool whose statements are recorded. */
  sql: Sql;
  /** All statements that were sent so far. */
  statements: Statement[];
  /** Returns the names of the statements since the last call, except these; undefined for a statement without a name. */
  takeNames(except?: QueryName): (string | undefined)[];
  /** Returns the statements of this query. Throws an `AssertionError` if there are none, so that a count is never 0. */
  of(query: QueryName): Statement[];
};

/** Returns a wrapper of the pool that records the statements sent on it and on connections reserved from it. */
export function recordStatements(sql: Sql): Recorded {
  const names = new Map([...textsByName()].map(([name, text]) => [text, name]));
  const statements: Statement[] = [];
  let taken = 0;
  return {
    sql: intercept(sql, { before: (statement) => void statements.push(statement) }),
    statements,
    takeNames(except = []) {
      const left = except.length === 0 ? [] : textsOf(except);
      const sent = statements.slice(taken).filter(({ text }) => !left.includes(text));
      taken = statements.length;
      return sent.map(({ text }) => names.get(text));
    },
    of(query) {
      const texts = textsOf(query);
      const sent = statements.filter(({ text }) => texts.includes(text));
      assert(sent.length > 0, `${spoken(query)} was never sent`);
      return sent;
    },
  };
}

/** A node of a plan, as in the output of EXPLAIN. */
export type PlanNode = {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Join Filter"?: number;
  Plans?: PlanNode[];
};

/** Runs a statement, rolls it back, and returns the nodes of its plan, with the root first. */
export async function explain(sql: Sql, { text, values }: Statement): Promise<PlanNode[]> {
  const explained = await takenBack(sql, `explain (analyze, format json) ${text}`, values);
  const [{ Plan: plan }] = one<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(explained as never)[
    "QUERY PLAN"
  ];
  return withThoseBelow(plan);
}

/**
 * Runs a statement, rolls it back, and returns how many 8 kB pages of the schema's tables and indexes it touched. The counts
 * of EXPLAIN would include the catalog's pages, which depend on other tests. All access to the tables must be on this pool,
 * which has one connection: Postgres counts per connection, and does not say when it adds up the counts.
 */
export async function pagesTouched(sql: Sql, { text, values }: Statement): Promise<number> {
  if (sql.options.max !== 1) throw new Error("Counting pages requires a pool of one connection");
  const before = await pagesSoFar(sql);
  await takenBack(sql, text, values);
  return (await pagesSoFar(sql)) - before;
}

async function pagesSoFar(sql: Sql): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql`
    select sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::int as pages
    from pg_statio_user_tables
    where schemaname = current_schema()`;
  return row?.pages;
}

/** Returns the result of a statement in a transaction that is rolled back. */
async function takenBack(sql: Sql, text: string, values: unknown[]): Promise<unknown> {
  const connection = await sql.reserve();
  try {
    await connection`begin`;
    return await connection.unsafe(text, values as never[]);
  } finally {
    await connection`rollback`;
    connection.release();
  }
}

/** Returns how many rows were read from a table, including those that a filter removed. */
export function rowsRead(nodes: PlanNode[], table: string): number {
  return nodes
    .filter((node) => node["Node Type"].endsWith("Scan") && node["Relation Name"] === table)
    .map((node) => {
      const perLoop = node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0);
      return perLoop * node["Actual Loops"];
    })
    .reduce((sum, rows) => sum + rows, 0);
}

function withThoseBelow(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(withThoseBelow)];
}
