import {
  connect,
  newThrowAwayFolder,
  resetEmbedded,
  restartEmbedded,
  type Sql,
  serverUrl,
  startEmbedded,
} from "../runtime/database/index.ts";
import { withDatabase } from "../runtime/database/own-database.ts";
import { databaseUrlVariable } from "../runtime/database/server.ts";

export type BenchServer = {
  version: string;
  /** The settings that affect the figures. */
  settings: Record<string, string>;
  /** How many single-row inserts it commits per second on one connection, which depends on its disk. */
  commitsPerSecond: number;
  createDatabase(): Promise<BenchDatabase>;
  stop(): Promise<void>;
};

export type BenchDatabase = { url: string; sql: Sql; drop(): Promise<void> };

/**
 * Durable, with buffers that are large enough and no checkpoint during a run. With Postgres's defaults, a checkpoint would
 * start during some runs and not during others.
 */
const SETTINGS: Record<string, string> = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "512MB",
  max_wal_size: "8GB",
  min_wal_size: "2GB",
  checkpoint_timeout: "30min",
};

const SHOWN = [...Object.keys(SETTINGS), "max_connections", "autovacuum", "wal_level"];

/** Starts the server that all contestants share, or connects to the one that DATABASE_URL names. */
export async function startBenchServer(say: (line: string) => void): Promise<BenchServer> {
  const given = databaseUrlVariable();
  const folder = given === undefined ? await newThrowAwayFolder() : undefined;
  const url = folder === undefined ? await serverUrl() : await startOwn(folder, say);
  const admin = connect(url, { max: 1, applicationName: "bench" });
  let databases = 0;
  const open = new Set<BenchDatabase>();
  const createDatabase = async () => {
    databases += 1;
    const name = `durable_bench_${process.pid}_${databases}`;
    await admin`create database ${admin(name)}`;
    const databaseUrl = withDatabase(url, name);
    const sql = connect(databaseUrl, { max: 2, applicationName: "bench" });
    const dropNow = async () => {
      open.delete(database);
      await sql.end({ timeout: 1 });
      await admin`drop database ${admin(name)} with (force)`;
    };
    let dropped: Promise<void> | undefined;
    const database: BenchDatabase = {
      url: databaseUrl,
      sql,
      // A caller that is interrupted while the database is being dropped must wait for the drop, too.
      drop() {
        dropped ??= dropNow();
        return dropped;
      },
    };
    open.add(database);
    return database;
  };
  return {
    version: String((await admin`show server_version`)[0]?.serverVersion),
    settings: await settingsOf(admin),
    commitsPerSecond: await commitsPerSecond(createDatabase),
    createDatabase,
    async stop() {
      for (const database of open) await database.drop();
      await admin.end();
      if (folder !== undefined) await resetEmbedded({ folder });
    },
  };
}

async function startOwn(folder: string, say: (line: string) => void): Promise<string> {
  const url = await startEmbedded({ folder, say });
  const sql = connect(url, { max: 1 });
  for (const [name, value] of Object.entries(SETTINGS)) {
    await sql.unsafe(`alter system set ${name} = '${value}'`);
  }
  await sql.end();
  return restartEmbedded({ folder });
}

async function settingsOf(sql: Sql): Promise<Record<string, string>> {
  const rows = await sql`
    select name, current_setting(name) as value from pg_settings where name = any (${SHOWN})`;
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

const COMMITS = 500;

async function commitsPerSecond(createDatabase: () => Promise<BenchDatabase>): Promise<number> {
  const { sql, drop } = await createDatabase();
  await sql`create table commits (n int)`;
  const startMs = performance.now();
  for (let n = 0; n < COMMITS; n += 1) await sql`insert into commits values (${n})`;
  const seconds = (performance.now() - startMs) / 1_000;
  await drop();
  return Math.round(COMMITS / seconds);
}
