import { connect, one, type ReservedSql } from "shared/database";
import {
  freshDatabase,
  freshDatabaseAt,
  postgresWithJit,
  recordStatements,
  startPostgres,
} from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task, Worker } from "#engine";

test("no connection compiles its statements", async () => {
  const { sql } = await freshDatabase();
  expect(await sql`show jit`).toEqual([{ jit: "off" }]);
});

// Our own Postgres cannot compile.
const programs = postgresWithJit();
if (programs) {
  test("on a Postgres that compiles by default, nothing that a worker asks is compiled, although all of it would be", async () => {
    const server = await startPostgres(programs);
    onTestFinished(server.stop);
    const { url, schema } = await freshDatabaseAt(server.url);
    const sql = connect(url, { max: 1, schema, planOnce: true });
    onTestFinished(() => sql.end({ timeout: 0 }));
    const recorded = recordStatements(sql);
    const greet = task({ name: "greet", run: () => "hello" });
    await enqueue(recorded.sql, greet, null);
    await new Worker(recorded.sql, { tasks: [greet], log: () => {} }).tick();

    const connection = await sql.reserve();
    const texts = [...new Set(recorded.statements.map(({ text }) => text))];
    // However cheap Postgres takes them to be: that depends on how full the tables are.
    await connection`set jit_above_cost = 0`;
    expect(await compiledOf(texts, connection)).toEqual([]);
    await connection`set jit = on`;
    expect(await compiledOf(texts, connection)).toEqual(texts);
    connection.release();
  });
}

/** Returns those of the statements that Postgres compiles on this connection. */
async function compiledOf(texts: string[], connection: ReservedSql): Promise<string[]> {
  const compiled: string[] = [];
  for (const text of texts) {
    await connection.unsafe(`prepare asked as ${text}`);
    const { parameters } = one(
      await connection`
        select cardinality(parameter_types) as parameters
        from pg_prepared_statements
        where name = 'asked'`,
    );
    const values = Array(parameters).fill("null");
    const call = parameters > 0 ? `asked(${values})` : "asked";
    const plan = one(await connection.unsafe(`explain (format json) execute ${call}`));
    if ("JIT" in plan["QUERY PLAN"][0]) compiled.push(text);
    await connection`deallocate asked`;
  }
  return compiled;
}
