import { readFileSync } from "node:fs";
import path from "node:path";
import { assert, onTestFinished } from "vitest";
import { lessonUnderTest } from "./lesson-under-test.ts";

/**
 * The name of a query in the lesson's `queries.sql`, or `begin`, `commit`, `rollback` or `listen`. Of several names any
 * will do: a lesson that writes in batches has other queries than one that writes each thing alone.
 */
export type QueryName = string | readonly string[];

// Statements that no lesson has in its `queries.sql`. Of `listen` this is the beginning: a channel follows.
const OTHERS = { begin: "begin", commit: "commit", rollback: "rollback", listen: 'listen "' };

/** Returns the text of each query of the lesson under test, and of the other statements that have a name. */
export function textsByName(): Map<string, string> {
  const file = path.join(lessonUnderTest(), "sql/queries.ts");
  // typegen puts the numbers of the parameters in; pgtyped sends such a `statement` as it is.
  const generated = readFileSync(file, "utf8").matchAll(/^const (\w+)IR: any = (.*);$/gm);
  const queries = [...generated].map(([, name = "", json = ""]): [string, string] => [
    name,
    JSON.parse(json).statement,
  ]);
  return new Map([...queries, ...Object.entries(OTHERS)]);
}

/**
 * Returns the texts of this query, for each of its names that the lesson under test has. Throws an `AssertionError` if it
 * has none: a proof runs on the lesson before too, and has to fail on it by assertion.
 */
export function textsOf(query: QueryName): string[] {
  const texts = textsByName();
  const found = [query].flat().flatMap((name) => texts.get(name) ?? []);
  if (found.length > 0) return found;
  const lesson = path.basename(lessonUnderTest());
  const known = [...texts.keys()].join(", ");
  assert.fail(`Lesson ${lesson} has no query ${spoken(query)}; it has ${known}`);
}

/**
 * Makes the test fail, when it is over, unless `reached` was called `times` times by then; once is enough for `Infinity`.
 * Returns the texts of `query`, see `textsOf`.
 */
export function mustReach(
  what: string,
  query: QueryName,
  times = 1,
): { texts: string[]; reached: () => void } {
  const texts = textsOf(query);
  const least = Number.isFinite(times) ? times : 1;
  let count = 0;
  const reached = () => {
    count += 1;
  };
  onTestFinished(() => {
    assert(count >= least, `Never reached: ${what} ${spoken(query)} (${count} of ${least})`);
  });
  return { texts, reached };
}

/** Returns the names for a message: `appendEvent or appendEvents`. */
export function spoken(query: QueryName): string {
  return [query].flat().join(" or ");
}
