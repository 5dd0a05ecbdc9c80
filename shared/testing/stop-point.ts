import type { Sql } from "../runtime/database/index.ts";
import { intercept, LOST, type Statement } from "./intercept.ts";

/** A statement at which an engine stops, identified by one of these texts. */
export type StopPlace = {
  texts: string[];
  /** A string that the JSON of its values must contain. Default: any values match. */
  values?: string;
  /** `before` it is sent, or `after` Postgres has executed it, but before the engine gets the result. */
  when: "before" | "after";
  /** Stops at the nth matching statement. Default: 1. */
  nth?: number;
};

/** `unanswered`: instead of the result, the engine gets the error of a lost connection. */
export type HowToGoOn = "answered" | "unanswered";

/** Returns a wrapper of the pool that stops once, at `place`, until `stop` resolves. All other statements continue. */
export function stopAtPlace(sql: Sql, place: StopPlace, stop: () => Promise<HowToGoOn>): Sql {
  const { texts, values = "", when, nth = 1 } = place;
  let count = 0;
  const stopHere = (statement: Statement) => {
    if (!texts.includes(statement.text)) return;
    if (!JSON.stringify(statement.values).includes(values)) return;
    count += 1;
    if (count !== nth) return;
    return stop().then((how) => {
      if (when === "after" && how === "unanswered") throw LOST;
    });
  };
  return intercept(sql, { [when]: stopHere });
}
