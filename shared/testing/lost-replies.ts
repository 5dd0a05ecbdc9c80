import type { ReservedSql, Sql } from "../runtime/database/index.ts";

/** What the driver says when a connection breaks. */
export const LOST = Object.assign(new Error("write CONNECTION_CLOSED"), {
  code: "CONNECTION_CLOSED",
});

/** The same pool, which carries out the first `times` statements of this kind, and loses the answers. */
export function losingReplies(sql: Sql, kind: RegExp, times: number): Sql {
  return tampered(sql, kind, times, async (send) => {
    await send();
    throw LOST;
  });
}

/** The same pool, which does not carry out the first `times` statements of this kind. */
export function refusing(sql: Sql, kind: RegExp, times: number, error: Error = LOST): Sql {
  return tampered(sql, kind, times, async () => {
    throw error;
  });
}

function tampered(
  sql: Sql,
  kind: RegExp,
  times: number,
  instead: (send: () => Promise<unknown>) => Promise<unknown>,
): Sql {
  let left = times;
  const tampering = <T extends Sql | ReservedSql>(connection: T): T =>
    new Proxy(connection, {
      get(target, key) {
        if (key === "reserve") return async () => tampering(await target.reserve());
        if (key !== "unsafe") return Reflect.get(target, key);
        return (...call: Parameters<Sql["unsafe"]>) => {
          if (left === 0 || !kind.test(call[0])) return target.unsafe(...call);
          left -= 1;
          return instead(async () => target.unsafe(...call));
        };
      },
    });
  return tampering(sql);
}
