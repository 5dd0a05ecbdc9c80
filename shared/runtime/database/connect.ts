import postgres from "postgres";

export type Sql = postgres.Sql;
export type ReservedSql = postgres.ReservedSql;

export type ConnectOptions = {
  /** The most connections this pool opens; 10 if not given. */
  max?: number;
  /** The schema that unqualified names mean; `public` if not given. */
  schema?: string;
  /** How long a query may wait for a lock before it fails; for ever if not given. */
  lockTimeoutMs?: number;
  /**
   * Each connection plans a statement once, for all values, and to read by index: for tables that grow, as a plan that was
   * made when a table was small is kept when it is large. As the server says if not given.
   */
  planOnce?: boolean;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
};

/**
 * A pool of connections to `url`. It connects on first use; `end()` closes it.
 *
 * Column names arrive in camelCase, as pgtyped's types say. The transform is for columns only: the
 * ready-made `postgres.camel` also renames keys inside jsonb, and so changes the reader's data.
 */
export function connect(url: string, options: ConnectOptions = {}): Sql {
  return postgres(url, {
    max: options.max ?? 10,
    transform: { column: { from: postgres.toCamel } },
    onnotice: () => {},
    // Seconds. The driver counts for the whole pool, and would wait for half a minute after a short restart.
    backoff: (retries) => Math.min(1, 0.05 * 2 ** retries),
    connection: {
      // A database may have another default, and what waits for a lock has to see what the others did.
      default_transaction_isolation: "read committed",
      application_name: options.applicationName ?? "durable",
      ...(options.schema !== undefined && { search_path: options.schema }),
      ...(options.lockTimeoutMs !== undefined && { lock_timeout: options.lockTimeoutMs }),
      ...(options.planOnce && { plan_cache_mode: "force_generic_plan", enable_seqscan: "off" }),
    },
  });
}

/** Another pool to the same database as that of `sql`, with the same settings. */
export function samePool(sql: Sql, { max }: { max: number }): Sql {
  // What the driver has made of the options it takes as it is; how often it has failed to connect is part of it.
  const { shared, ...options } = sql.options as Sql["options"] & { shared: object };
  return postgres({ ...options, max, shared: { ...shared, retries: 0 } } as never);
}
