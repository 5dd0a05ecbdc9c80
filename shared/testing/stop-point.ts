import type { ReservedSql, Sql } from "../runtime/database/index.ts";
import { LOST } from "./lost-replies.ts";

/** A place in the life of an engine, told by a statement that it sends there. */
export type StopPoint = {
  /** What the statement's text must match, the source of a regular expression; values are $1, $2, … in it. */
  statement: string;
  /** What its values must match, as JSON, the source of a regular expression; anything if not given. */
  values?: string;
  /** `before` it is sent, or `after` Postgres has carried it out and before the engine hears of it. */
  when: "before" | "after";
  /** 1 if not given: the first such statement. */
  nth?: number;
};

/** `unanswered`: the engine hears of what was carried out only that its connection was lost. */
export type HowToGoOn = "answered" | "unanswered";

/**
 * The same pool, which stops once, at `point`, until `stop` tells how to go on; all other statements go on
 * meanwhile. It knows the statements of the pool and of connections that were reserved on it.
 */
export function stoppingAt(sql: Sql, point: StopPoint, stop: () => Promise<HowToGoOn>): Sql {
  const statement = new RegExp(point.statement);
  const values = new RegExp(point.values ?? "");
  let left = point.nth ?? 1;
  const isHere = () => {
    left -= 1;
    return left === 0;
  };

  function watch(query: unknown): unknown {
    if (!isQuery(query) || !statement.test(textOf(query))) return query;
    if (!values.test(JSON.stringify(query.args))) return query;
    const { handler: send, resolve: answer } = query;
    if (point.when === "before") {
      query.handler = async () => {
        if (isHere()) await stop();
        send(query);
      };
    } else {
      query.resolve = async (result) => {
        if (isHere() && (await stop()) === "unanswered") query.reject(LOST);
        else answer(result);
      };
    }
    return query;
  }

  function watching<T extends Sql | ReservedSql>(connection: T): T {
    return new Proxy(connection, {
      apply: (target, _, args) => watch(Reflect.apply(target, undefined, args)),
      get(target, key) {
        if (key === "unsafe") return (...call: UnsafeCall) => watch(target.unsafe(...call));
        if (key === "reserve") return async () => watching(await target.reserve());
        return Reflect.get(target, key);
      },
    });
  }
  return watching(sql);
}

type UnsafeCall = Parameters<Sql["unsafe"]>;

// A query is sent when somebody awaits it, and never if it is a piece of another one. Who awaits it in its
// place would send the pieces too; so it stays what it is, and what changes are the two functions of the
// driver's own by which it is sent and answered.
type Query = {
  strings: readonly string[];
  args: unknown[];
  handler(query: Query): void;
  resolve(result: unknown): void;
  reject(error: unknown): void;
};

function isQuery(made: unknown): made is Query {
  return made instanceof Promise && "handler" in made;
}

function textOf({ strings }: Query): string {
  return strings.reduce((text, next, index) => `${text}$${index}${next}`);
}
