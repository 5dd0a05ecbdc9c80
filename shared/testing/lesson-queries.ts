import { readFileSync } from "node:fs";
import path from "node:path";
import { assert, onTestFinished } from "vitest";
import { lessonUnderTest } from "./lesson-under-test.ts";

/**
 * The name of a query in the lesson's `queries.sql`, or `begin`, `commit`, `rollback` or `listen`. Several names match any
 * of their queries: a lesson that writes in batches has other queries than a lesson that writes one row at a time.
 */
export type QueryName = string | readonly string[];

// Statements that are in no lesson's `queries.sql`. The text of `listen` is a prefix: the channel follows.
const OTHERS = { begin: "begin", commit: "commit", rollback: "rollback", listen: 'listen "' };

/** Returns the text of each query of the lesson under test and of each statement in `OTHERS`, by name. */
export function textsByName(): Map<string, string> {
  const file = path.join(lessonUnderTest(), "sql/queries.ts");
  // typegen inserts the numbers of the parameters, and pgtyped sends such a `statement` unchanged.
  const generated = readFileSync(file, "utf8").matchAll(/^const (\w+)IR: any = (.*);$/gm);
  const queries = [...generated].map(([, name = "", json = ""]): [string, string] => [
    name,
    JSON.parse(json).statement,
  ]);
  return new Map([...queries, ...Object.entries(OTHERS)]);
}

/**
 * Returns the texts of those of these queries that the lesson under test has. Throws an `AssertionError` if it has none: a
 * proof also runs on the lesson before, where it must fail on an assertion.
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
 * Fails the test at its end unless `reached` has been called `times` times, or at least once if `times` is `Infinity`.
 * Returns `reached`, and the texts of `query`, see `textsOf`.
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

/** Returns the names as in a message: `appendEvent or appendEvents`. */
export function spoken(query: QueryName): string {
  return [query].flat().join(" or ");
}
