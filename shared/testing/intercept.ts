import type { ReservedSql, Sql } from "../runtime/database/index.ts";

/** A statement that is sent to Postgres. */
export type Statement = {
  /** The text that is sent, with $1, $2, … for the values. */
  text: string;
  values: unknown[];
};

type Hook = (statement: Statement) => void | Promise<void>;

/** Called for each statement. A returned promise is awaited. */
export type Hooks = {
  /** Called before the statement is sent. If it throws, the statement is not sent, and fails with that error. */
  before?: Hook;
  /** Called after Postgres has executed it, before the caller gets the result. If it throws, the caller gets that error. */
  after?: Hook;
  /** Called when the statement fails. */
  failed?: (error: unknown) => void;
};

/** The driver's error for a broken connection. */
export const LOST = Object.assign(new Error("write CONNECTION_CLOSED"), {
  code: "CONNECTION_CLOSED",
});

/**
 * Returns a wrapper of the pool that calls `hooks` for each statement that is sent on it, or on a connection reserved from
 * it: by pgtyped, by `unsafe`, or as a tagged template. Statements that the driver itself sends, in `sql.begin` or
 * `sql.listen`, are not intercepted.
 */
export function intercept<Connection extends Sql | ReservedSql>(
  connection: Connection,
  hooks: Hooks,
): Connection {
  return new Proxy(connection, {
    apply: (target, _, args) => watch(Reflect.apply(target, undefined, args), hooks),
    get(target, key) {
      if (key === "unsafe") {
        return (...call: Parameters<Sql["unsafe"]>) => watch(target.unsafe(...call), hooks);
      }
      if (key === "reserve") return async () => intercept(await target.reserve(), hooks);
      return Reflect.get(target, key);
    },
  });
}

// The driver sends a query when it is awaited, and never sends a fragment of another query. A wrapper would have to await
// both, and so would send fragments, too. Instead, we replace the functions with which the driver sends and settles a query.
type Query = {
  strings: readonly string[];
  args: unknown[];
  handler(query: Query): void;
  resolve(result: unknown): void;
  reject(error: unknown): void;
};

function watch(made: unknown, { before, after, failed }: Hooks): unknown {
  if (!(made instanceof Promise) || !("handler" in made)) return made;
  const query = made as unknown as Query;
  const statement = { text: textOf(query), values: query.args };
  const { handler: send, resolve, reject } = query;
  const first = async (hook: Hook, go: () => void) => {
    try {
      await hook(statement);
    } catch (error) {
      query.reject(error);
      return;
    }
    go();
  };
  if (before) query.handler = () => first(before, () => send(query));
  if (after) query.resolve = (result) => first(after, () => resolve(result));
  if (failed) {
    query.reject = (error) => {
      failed(error);
      reject(error);
    };
  }
  return made;
}

function textOf({ strings }: Query): string {
  return strings.reduce((text, next, index) => `${text}$${index}${next}`);
}
