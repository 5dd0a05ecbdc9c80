import type { Sql } from "../runtime/database/index.ts";
import { intercept, LOST, type Statement } from "./intercept.ts";

/** Where an engine stops: at a statement that it sends, known by one of these texts. */
export type StopPlace = {
  texts: string[];
  /** What the JSON of its values must contain. Default: any values will do. */
  values?: string;
  /** `before` it is sent, or `after` Postgres has carried it out and before the engine gets the result. */
  when: "before" | "after";
  /** Which such statement. Default: 1, the first. */
  nth?: number;
};

/** `unanswered`: instead of the result, the engine gets the error of a lost connection. */
export type HowToGoOn = "answered" | "unanswered";

/** Returns the same pool, which stops once, at `place`, until `stop` resolves; all other statements go on meanwhile. */
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
