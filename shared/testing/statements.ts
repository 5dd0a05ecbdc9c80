import type { Sql } from "../database/index.ts";
import { one } from "../database/index.ts";

export type Statement = { text: string; values: unknown[] };

/** The same pool, which keeps a list of the statements that pgtyped's queries send on it. */
export function recordStatements(sql: Sql): { sql: Sql; statements: Statement[] } {
  const statements: Statement[] = [];
  const recording = new Proxy(sql, {
    get(target, key) {
      if (key !== "unsafe") return Reflect.get(target, key);
      return (text: string, values: unknown[] = [], options?: object) => {
        statements.push({ text, values });
        return target.unsafe(text, values as never[], options);
      };
    },
  });
  return { sql: recording, statements };
}

/** A step of a plan, as Postgres tells it. */
export type PlanNode = {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: PlanNode[];
};

/** Runs a statement, takes back what it did, and returns the steps of its plan, the whole one first. */
export async function explain(sql: Sql, { text, values }: Statement): Promise<PlanNode[]> {
  const connection = await sql.reserve();
  try {
    await connection`begin`;
    const explained = await connection.unsafe(
      `explain (analyze, buffers, format json) ${text}`,
      values as never[],
    );
    const [{ Plan: plan }] = one<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(explained as never)[
      "QUERY PLAN"
    ];
    return withThoseBelow(plan);
  } finally {
    await connection`rollback`;
    connection.release();
  }
}

/** How many pages of 8 kB a plan touched. */
export function pagesTouched([whole]: PlanNode[]): number {
  return (whole?.["Shared Hit Blocks"] ?? 0) + (whole?.["Shared Read Blocks"] ?? 0);
}

/** How many rows were read from a table, those included that a filter threw away. */
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
