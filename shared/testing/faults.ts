import type { Sql } from "../runtime/database/index.ts";
import { intercept, LOST } from "./intercept.ts";
import { mustReach, type QueryName } from "./lesson-queries.ts";
import { type HowToGoOn, type StopPlace, stopAtPlace } from "./stop-point.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** Where an engine stops: at a query that it sends. */
export type StopPoint = Omit<StopPlace, "texts"> & { query: QueryName };

/**
 * Returns the same pool, which stops once, at `point`, until `stop` resolves; all other statements go on meanwhile. The
 * test fails if the point is never reached.
 */
export function stoppingAt(
  sql: Sql,
  { query, ...place }: StopPoint,
  stop: () => Promise<HowToGoOn> | Promise<void>,
): Sql {
  const { texts, reached } = mustReach(`the stop ${place.when}`, query);
  return stopAtPlace(sql, { ...place, texts }, async () => {
    reached();
    return (await stop()) ?? "answered";
  });
}

/**
 * Returns the same pool, on which Postgres carries out this query, but its first `times` replies are lost. The test fails
 * if there are fewer.
 */
export function losingReplies(sql: Sql, query: QueryName, times: number): Sql {
  return failing(sql, "after", { query, times, error: LOST });
}

/**
 * Returns the same pool, which does not send this query the first `times` times, but fails with `error`. Default: the
 * error of a lost connection. The test fails if the query comes fewer times; once is enough for `Infinity`.
 */
export function refusing(sql: Sql, query: QueryName, times: number, error: Error = LOST): Sql {
  return failing(sql, "before", { query, times, error });
}

/**
 * Stalls the first connection through `proxy` on which this query is sent, from there on; resolves then. The test fails if
 * none is. Call it before the engine connects: a connection sends the text of a query once.
 */
export function stallAt(proxy: TcpProxy, query: QueryName): Promise<void> {
  const { texts, reached } = mustReach("the stall at", query);
  return proxy.stallAt(texts).then(reached);
}

function failing(
  sql: Sql,
  when: "before" | "after",
  { query, times, error }: { query: QueryName; times: number; error: Error },
): Sql {
  const what = when === "after" ? "the lost reply of" : "the refused";
  const { texts, reached } = mustReach(what, query, times);
  let left = times;
  return intercept(sql, {
    [when]({ text }: { text: string }) {
      if (left === 0 || !texts.includes(text)) return;
      left -= 1;
      reached();
      throw error;
    },
  });
}
