import { readFileSync } from "node:fs";
import * as lesson07 from "lesson-07/engine/index.ts";
import { connect, type Sql } from "shared/database";
import * as lesson08 from "../engine/index.ts";

/** Lesson 07's says the same to who uses it. */
export type Engine = typeof lesson08;

/** An engine, with tables of its own. */
export type Side = {
  lesson: string;
  engine: Engine;
  /** For what is done from outside: one connection. */
  sql: Sql;
  /** A pool for a worker. */
  connect(): Sql;
};

/** How the connections of workers are called in `pg_stat_activity`. */
export const WORKER_CONNECTION = "lesson-08 worker";

/** Both engines, in one database. */
export async function openSides(database: Sql, url: string): Promise<[Side, Side]> {
  const schema = "lesson_07";
  await database`create schema ${database(schema)}`;
  const before = sideOf("lesson 07", lesson07 as unknown as Engine, url, schema);
  const file = new URL("../../07-durable-tasks/sql/schema.sql", import.meta.url);
  await before.sql.unsafe(readFileSync(file, "utf8"));
  return [before, sideOf("lesson 08", lesson08, url, "public")];
}

export async function closeSides(sides: Side[]): Promise<void> {
  await Promise.all(sides.map(({ sql }) => sql.end()));
}

function sideOf(lesson: string, engine: Engine, url: string, schema: string): Side {
  return {
    lesson,
    engine,
    sql: connect(url, { max: 1, schema, applicationName: "lesson-08" }),
    connect: () => connect(url, { schema, planOnce: true, applicationName: WORKER_CONNECTION }),
  };
}
