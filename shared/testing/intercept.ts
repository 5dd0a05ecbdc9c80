import type { ReservedSql, Sql } from "../runtime/database/index.ts";

/** A statement on its way to Postgres. */
export type Statement = {
  /** As it is sent: values are $1, $2, … in it. */
  text: string;
  values: unknown[];
};

type Hook = (statement: Statement) => void | Promise<void>;

/** What to do about each statement. A promise that is returned is awaited. */
export type Hooks = {
  /** Before the statement is sent. If it throws, the statement is not sent, and fails with that error. */
  before?: Hook;
  /** After Postgres has carried it out, before the caller gets the result. If it throws, the caller gets that error. */
  after?: Hook;
  /** When the statement fails. */
  failed?: (error: unknown) => void;
};

/** The error of the driver when a connection breaks. */
export const LOST = Object.assign(new Error("write CONNECTION_CLOSED"), {
  code: "CONNECTION_CLOSED",
});

/**
 * Returns the same pool, which calls `hooks` for each statement that is sent on it, or on a connection reserved from it:
 * by pgtyped, by `unsafe`, or as a tagged template. Not for what the driver sends by itself, in `sql.begin` or `sql.listen`.
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

// The driver sends a query when it is awaited, and never if it is a piece of another one. A wrapper would have to await
// it, and so send the pieces too; therefore we replace the functions by which the driver sends and settles the query.
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
