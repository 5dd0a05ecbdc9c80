import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { reportAndFail, UserError } from "../errors.ts";
import { connect, type ReservedSql, type Sql } from "./connect.ts";
import { queriesFingerprint } from "./queries-fingerprint.ts";
import { serverUrl } from "./server.ts";

export type LessonDatabase = {
  sql: Sql;
  /** For other processes that are to use the same database. */
  url: string;
  /** Such as `durable_lesson_02`. */
  name: string;
  close(): Promise<void>;
};

/**
 * Tells a lesson's story on the lesson's own database (see `openLessonDatabase`). An error ends it with
 * exit code 1, and as one line where that is all the reader needs.
 */
export async function withLessonDatabase(
  mainUrl: string,
  story: (database: LessonDatabase) => Promise<void>,
): Promise<void> {
  // Whoever reads along may stop early, as `| head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  try {
    const database = await openLessonDatabase(mainUrl);
    await story(database).finally(() => database.close());
  } catch (error) {
    reportAndFail(error);
    // Processes that the story started would keep this one alive.
    process.exit();
  }
}

/**
 * A database for the lesson whose `main.ts` is at `mainUrl`, empty but for the lesson's schema. It stays
 * when closed, for a look at what the lesson left, and is emptied when it is opened again. A second run
 * of the same lesson waits for the first.
 */
export async function openLessonDatabase(
  mainUrl: string,
  say: (line: string) => void = console.log,
): Promise<LessonDatabase> {
  const folder = path.dirname(fileURLToPath(mainUrl));
  checkQueriesInStep(folder);
  const number = path.basename(folder).slice(0, 2);
  const name = `durable_lesson_${number}`;

  const server = await serverUrl({ say });
  const admin = connect(server, { max: 1 });
  try {
    const lock = await admin.reserve();
    await takeTurns(lock, name, () => {
      say(`Lesson ${number} is running in another terminal; waiting for it to end …`);
    });
    await createIfMissing(lock, name);

    const url = withDatabase(server, name);
    const sql = connect(url, { applicationName: `lesson-${number}` });
    await emptyDatabase(sql, `lesson-${number}`);
    await sql.unsafe(readFileSync(path.join(folder, "sql/schema.sql"), "utf8"));
    return {
      sql,
      url,
      name,
      async close() {
        await sql.end();
        lock.release();
        await admin.end();
      },
    };
  } catch (error) {
    await admin.end({ timeout: 0 });
    throw error;
  }
}

/** The URL of another database on the server of `url`. */
export function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = name;
  return other.href;
}

/** Creates a database of ours. One of that name that somebody else made is left alone. */
export async function createIfMissing(admin: ReservedSql, name: string): Promise<void> {
  const [existing] = await admin`
    select shobj_description(oid, 'pg_database') as comment
    from pg_database
    where datname = ${name}`;
  if (!existing) {
    await admin`create database ${admin(name)}`;
    await admin.unsafe(`comment on database ${name} is '${OURS}'`);
  } else if (existing.comment !== OURS) {
    throw new UserError(
      `The server already has a database "${name}" that this guide did not create; ` +
        `rename it, or point DATABASE_URL at another server.`,
    );
  }
}

const OURS = "Made by: Durable execution, the hard way. Emptied at every run of its lesson.";

// The lock is the connection's: a run that is killed gives it back by dying.
async function takeTurns(admin: ReservedSql, name: string, onWait: () => void): Promise<void> {
  const [attempt] = await admin`select pg_try_advisory_lock(hashtext(${name})) as taken`;
  if (attempt?.taken) return;
  onWait();
  await admin`select pg_advisory_lock(hashtext(${name}))`;
}

// Emptied rather than dropped: a reader's psql may be connected. It may stay, unless it left a transaction
// open, whose locks we would wait for. Workers that outlived a killed run have to go.
async function emptyDatabase(sql: Sql, applicationName: string): Promise<void> {
  await sql`
    select pg_terminate_backend(pid)
    from pg_stat_activity
    where datname = current_database()
      and (application_name = ${applicationName} or state like 'idle in transaction%')
      and pid <> pg_backend_pid()`;
  const schemas = await sql`
    select nspname as name
    from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'`;
  for (const { name } of schemas) await sql`drop schema ${sql(name)} cascade`;
  await sql`create schema public`;
}

function checkQueriesInStep(folder: string): void {
  const queries = readFileSync(path.join(folder, "sql/queries.sql"), "utf8");
  const generated = readFileSync(path.join(folder, "sql/queries.ts"), "utf8");
  if (generated.startsWith(queriesFingerprint(queries))) return;
  throw new UserError(
    `lessons/${path.basename(folder)}/sql/queries.sql has changed since queries.ts was made from it; ` +
      "run `pnpm typegen`, then start again.",
  );
}
