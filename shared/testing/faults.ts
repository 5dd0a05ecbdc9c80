import type { Sql } from "../runtime/database/index.ts";
import { intercept, LOST } from "./intercept.ts";
import { mustReach, type QueryName } from "./lesson-queries.ts";
import { type HowToGoOn, type StopPlace, stopAtPlace } from "./stop-point.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** A query of the lesson at which its engine stops. */
export type StopPoint = Omit<StopPlace, "texts"> & { query: QueryName };

/**
 * Returns a wrapper of the pool that stops once, at the given point, until `stop` resolves. All other statements continue.
 * The test fails if the point is never reached.
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
 * Returns a wrapper of the pool on which Postgres executes this query, but its first `times` replies are lost. The test
 * fails if the query is executed fewer times.
 */
export function losingReplies(sql: Sql, query: QueryName, times: number): Sql {
  return failing(sql, "after", { query, times, error: LOST });
}

/**
 * Returns a wrapper of the pool on which this query is not sent the first `times` times, but fails with `error`. Default:
 * the error of a lost connection. The test fails if the query is attempted fewer times, or never if `times` is `Infinity`.
 */
export function refusing(sql: Sql, query: QueryName, times: number, error: Error = LOST): Sql {
  return failing(sql, "before", { query, times, error });
}

/**
 * Stalls the first connection through `proxy` that sends this query, from that moment on, and then resolves. The test fails
 * if no connection sends it. Call this before the engine connects: a connection sends the text of a query only once.
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
