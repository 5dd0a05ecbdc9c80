import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { connect, withThrowAwayServer } from "../../runtime/database/index.ts";
import { lessonDatabaseName } from "../../runtime/database/lesson-schema.ts";
import { findLessons, type Lesson } from "../lessons/lessons.ts";
import { generateQueries } from "./generate.ts";

export type TypegenResult = { lesson: Lesson; inStep: boolean };

/**
 * Regenerates `sql/queries.ts` of every lesson against a throw-away server, or the one at `server`, and says which
 * were out of step with their `queries.sql`. With `check` it writes nothing.
 */
export async function typegen(options: {
  check: boolean;
  root?: string;
  server?: string;
}): Promise<TypegenResult[]> {
  const { server } = options;
  const generateAll = async (url: string) => {
    const results: TypegenResult[] = [];
    for (const lesson of findLessons(options.root)) {
      const target = path.join(lesson.path, "sql/queries.ts");
      const before = existsSync(target) ? readFileSync(target, "utf8") : "";
      const after = await generateQueries(lesson.path, await createDatabase(url, lesson));
      if (!options.check && after !== before) writeFileSync(target, after);
      results.push({ lesson, inStep: after === before });
    }
    return results;
  };
  return server === undefined ? withThrowAwayServer(generateAll) : generateAll(server);
}

async function createDatabase(serverUrl: string, lesson: Lesson): Promise<string> {
  const name = lessonDatabaseName(lesson.number);
  const server = connect(serverUrl, { max: 1 });
  try {
    await server`drop database if exists ${server(name)} with (force)`;
    await server`create database ${server(name)}`;
  } finally {
    await server.end();
  }

  const url = new URL(serverUrl);
  url.pathname = name;
  const database = connect(url.href, { max: 1 });
  const schema = readFileSync(path.join(lesson.path, "sql/schema.sql"), "utf8");
  await database.unsafe(schema).finally(() => database.end());
  return url.href;
}
