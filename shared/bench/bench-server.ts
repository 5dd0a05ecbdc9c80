import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  connect,
  resetEmbedded,
  restartEmbedded,
  type Sql,
  serverUrl,
  startEmbedded,
} from "../runtime/database/index.ts";
import { withDatabase } from "../runtime/database/lesson-database.ts";
import { databaseUrlVariable } from "../runtime/database/server.ts";

export type BenchServer = {
  version: string;
  /** Those that bear on the figures, as they are. */
  settings: Record<string, string>;
  /** How many single rows it commits in a second on one connection: what its disk lets it do. */
  commitsPerSecond: number;
  createDatabase(): Promise<BenchDatabase>;
  stop(): Promise<void>;
};

export type BenchDatabase = { url: string; sql: Sql; drop(): Promise<void> };

/** For servers of the benchmark's own, each in a folder that has the number of the process that started it. */
const HOMES = fileURLToPath(new URL(".postgres", import.meta.url));
const HOME = homeOf(process.pid);

/**
 * Durable, and otherwise so that a run meets neither a checkpoint nor a buffer too small. A database of its own
 * defaults would write a checkpoint in the midst of some runs and not of others.
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

/** The server that all contestants share: one of our own, or that of DATABASE_URL. */
export async function startBenchServer(say: (line: string) => void): Promise<BenchServer> {
  const given = databaseUrlVariable();
  const url = given === undefined ? await startOwn(say) : await serverUrl();
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
      // Who is interrupted while it is dropped has to wait for that too.
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
      if (given === undefined) await removeServer(HOME);
    },
  };
}

async function startOwn(say: (line: string) => void): Promise<string> {
  await removeLeftBehind();
  const url = await startEmbedded({ home: HOME, say });
  const sql = connect(url, { max: 1 });
  for (const [name, value] of Object.entries(SETTINGS)) {
    await sql.unsafe(`alter system set ${name} = '${value}'`);
  }
  await sql.end();
  return restartEmbedded({ home: HOME });
}

/** A benchmark that was killed has left its server running. */
async function removeLeftBehind(): Promise<void> {
  const pids = existsSync(HOMES) ? readdirSync(HOMES).map(Number) : [];
  for (const pid of pids.filter((pid) => pid > 0 && !isAlive(pid))) await removeServer(homeOf(pid));
}

async function removeServer(home: string): Promise<void> {
  await resetEmbedded({ home });
  rmSync(path.dirname(home), { recursive: true, force: true });
}

function homeOf(pid: number): string {
  return path.join(HOMES, String(pid), "server");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
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
