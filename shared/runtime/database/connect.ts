import postgres from "postgres";

// A mark among the options of our pools. We do not remember the pools themselves: a wrapper of a pool may return a copy of
// its options, and a bundle may contain a second copy of this module.
const MADE_BY_CONNECT = Symbol.for("durable: made by connect()");

export type Sql = postgres.Sql;
export type ReservedSql = postgres.ReservedSql;

export type ConnectOptions = {
  /** The maximum number of connections. Default: 10. */
  max?: number;
  /** The schema of unqualified names, or several in search order. Default: the server's `search_path`. */
  schema?: string | string[];
  /** How long a query waits for a lock before it fails. Default: the server's `lock_timeout`, usually no limit. */
  lockTimeoutMs?: number;
  /**
   * Each connection plans a statement once, for all values, and avoids sequential scans: a plan that was made for a small
   * table is still used when the table has grown. Default: the server's settings.
   */
  planOnce?: boolean;
  /** The name in `pg_stat_activity`. Default: "durable". */
  applicationName?: string;
};

/**
 * Returns a pool of connections to `url`. It connects on first use; `end()` closes it.
 *
 * Column names are converted to camelCase, as in pgtyped's types. The transform applies to columns only:
 * `postgres.camel` also renames keys inside jsonb, which would change the user's data.
 */
export function connect(url: string, options: ConnectOptions = {}): Sql {
  // The patched driver runs this SQL on each connection before any query. PgBouncer refuses connections with start-up
  // parameters other than a few such as `application_name`.
  const setup = { setup: settings(options) };
  const sql = postgres(url, {
    ...setup,
    ...socketOf(url),
    max: options.max ?? 10,
    transform: { column: { from: postgres.toCamel } },
    onnotice: () => {},
    // Seconds. The driver's default backoff counts failures of the whole pool, and would reach 30 s after a short restart.
    backoff: (retries) => Math.min(1, 0.05 * 2 ** retries),
    connection: { application_name: options.applicationName ?? "durable" },
  });
  Object.assign(sql.options, { [MADE_BY_CONNECT]: true });
  return sql;
}

/** The folder of a Unix socket, as in `postgres://%2Frun%2Fpostgresql/name`. The driver would take it for a host. */
function socketOf(url: string): { host?: string } {
  const [, folder] = /^\w+:\/\/(?:[^@/]*@)?(%2f[^:/?]*)/i.exec(url) ?? [];
  return folder ? { host: decodeURIComponent(folder) } : {};
}

function settings({ schema, lockTimeoutMs, planOnce }: ConnectOptions): string {
  return [
    // A database may have another default. Under `read committed`, a statement that has waited for a lock sees what other
    // transactions have committed meanwhile.
    "set default_transaction_isolation = 'read committed'",
    // Postgres overestimates the cost of large statements, and its JIT would spend seconds per connection on compiling
    // what then runs for a millisecond. Debian's packages and the Docker image enable JIT by default.
    "set jit = off",
    schema !== undefined && `set search_path = ${[schema].flat().map(quoted).join(", ")}`,
    lockTimeoutMs !== undefined && `set lock_timeout = ${lockTimeoutMs}`,
    planOnce && "set plan_cache_mode = force_generic_plan; set enable_seqscan = off",
  ]
    .filter(Boolean)
    .join("; ");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns another pool with the database and the settings of `sql`. */
export function samePool(sql: Sql, { max }: { max: number }): Sql {
  // The driver accepts its own parsed options, which include a count of failed connection attempts.
  const { shared, ...options } = sql.options as Sql["options"] & { shared: object };
  return postgres({ ...options, max, shared: { ...shared, retries: 0 } } as never);
}

/** Throws an `Error` unless `sql` is a pool made by `connect`, or by `samePool` from such a pool. */
export function checkPool(sql: Sql): void {
  // A reserved connection has no options.
  const options: object | undefined = sql.options;
  if (options && MADE_BY_CONNECT in options) return;
  throw new Error(
    "The worker needs a pool made by connect(url); this one has other options, so column names, dates or numbers may " +
      "come back in another form",
  );
}
