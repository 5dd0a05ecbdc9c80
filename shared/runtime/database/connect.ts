import postgres from "postgres";

export type Sql = postgres.Sql;
export type ReservedSql = postgres.ReservedSql;

export type ConnectOptions = {
  /** The most connections this pool opens. Default: 10. */
  max?: number;
  /** The schema that unqualified names refer to, or several in the order of their search. Default: as the server says. */
  schema?: string | string[];
  /** How long a query may wait for a lock before it fails. Default: as the server says, which is forever. */
  lockTimeoutMs?: number;
  /**
   * Each connection plans a statement once, for all values, and prefers indexes: our tables grow, and a plan that was
   * made for a small table is kept when the table is large. Default: as the server says.
   */
  planOnce?: boolean;
  /** Shown in `pg_stat_activity`. Default: "durable". */
  applicationName?: string;
};

/**
 * Returns a pool of connections to `url`. It connects on first use; `end()` closes it.
 *
 * Column names arrive in camelCase, as pgtyped's types say. The transform is for columns only: the
 * ready-made `postgres.camel` also renames keys inside jsonb, and so changes the reader's data.
 */
export function connect(url: string, options: ConnectOptions = {}): Sql {
  // The patched driver runs it on each connection before anything else. Sent as start-up parameters, PgBouncer would
  // refuse the connection: it lets only a few through, such as `application_name`.
  const setup = { setup: settings(options) };
  return postgres(url, {
    ...setup,
    ...socketOf(url),
    max: options.max ?? 10,
    transform: { column: { from: postgres.toCamel } },
    onnotice: () => {},
    // Seconds. The driver counts for the whole pool, and would wait for half a minute after a short restart.
    backoff: (retries) => Math.min(1, 0.05 * 2 ** retries),
    connection: { application_name: options.applicationName ?? "durable" },
  });
}

/** The folder of the server's Unix socket, as in `postgres://%2Frun%2Fpostgresql/name`: the driver would look for a host. */
function socketOf(url: string): { host?: string } {
  const [, folder] = /^\w+:\/\/(?:[^@/]*@)?(%2f[^:/?]*)/i.exec(url) ?? [];
  return folder ? { host: decodeURIComponent(folder) } : {};
}

function settings({ schema, lockTimeoutMs, planOnce }: ConnectOptions): string {
  return [
    // A database may have another default, and a statement that has waited for a lock must see what the others wrote.
    "set default_transaction_isolation = 'read committed'",
    // Postgres takes the plan of a large statement for expensive, and spends seconds in each connection on compiling
    // what then runs for a millisecond. Debian's packages and the Docker image compile by default.
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

/** Returns another pool to the same database as that of `sql`, with the same settings. */
export function samePool(sql: Sql, { max }: { max: number }): Sql {
  // The driver takes its own parsed options as they are; how often it has failed to connect is part of them.
  const { shared, ...options } = sql.options as Sql["options"] & { shared: object };
  return postgres({ ...options, max, shared: { ...shared, retries: 0 } } as never);
}
