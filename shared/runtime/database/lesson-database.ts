import { reportAndFail } from "../user-error.ts";
import { connect, type Sql } from "./connect.ts";
import { explainConnectionError } from "./connection-errors.ts";
import { cutOff } from "./cut-off.ts";
import { type LessonLock, takeLessonLock } from "./lesson-lock.ts";
import { applySchema, emptyDatabase, joinSchema, type Lesson, lessonAt } from "./lesson-schema.ts";
import { createIfMissing, explainMissingRight, withDatabase } from "./own-database.ts";
import { serverUrl } from "./server.ts";

export type LessonDatabase = {
  sql: Sql;
  /** The database's URL, for other processes. */
  url: string;
  /** The database's name, such as `durable_lesson_02`. */
  name: string;
  close(): Promise<void>;
};

/** The database of a story. While it is open, no other story or command uses it. */
export type StoryDatabase = LessonDatabase & {
  /**
   * Ends all connections to the database: restarts the repository's own server, or terminates the connections to this
   * database on any other server. Returns a sentence that says which of the two it did.
   */
  cutOff(): Promise<string>;
};

type Say = (line: string) => void;

/**
 * Runs a lesson's story on the lesson's own database (see `openLessonDatabase`). After an error the process exits with
 * code 1; a `UserError` is printed as one line.
 */
export function withLessonDatabase(
  mainUrl: string,
  story: (database: StoryDatabase) => Promise<void>,
): Promise<void> {
  return withDatabaseOf(() => openLessonDatabase(mainUrl), story);
}

/** Runs `work` on the lesson's own database without emptying it (see `joinLessonDatabase`). */
export function withJoinedLessonDatabase(
  mainUrl: string,
  work: (database: LessonDatabase) => Promise<void>,
): Promise<void> {
  return withDatabaseOf(() => joinLessonDatabase(mainUrl), work);
}

async function withDatabaseOf<Database extends LessonDatabase>(
  open: () => Promise<Database>,
  work: (database: Database) => Promise<void>,
): Promise<void> {
  // The reader of the output may close the pipe early, as `| head` does.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  try {
    const database = await open();
    await work(database).finally(() => database.close());
  } catch (error) {
    reportAndFail(error);
    // Child processes of the story would keep this one alive.
    process.exit();
  }
}

/**
 * Opens the database of the lesson whose `main.ts` is at `mainUrl`, with the lesson's schema and nothing else in it.
 * Closing it does not drop it, so that the reader can query its rows; the next run empties it. A second run of the same
 * lesson waits for the first one, and for processes that have joined.
 */
export async function openLessonDatabase(
  mainUrl: string,
  say: Say = console.log,
): Promise<StoryDatabase> {
  const lesson = lessonAt(mainUrl);
  const server = await serverUrl({ say });
  const lockIt = () => takeLessonLock(server, lesson.name, "alone", () => say(waits(lesson)));
  let lock = await lockIt();
  try {
    await createIfMissing(lock.connection, lesson.name);
    const { sql, url } = await connectTo(lesson, server);
    await emptyDatabase(sql, `lesson-${lesson.number}`).catch((error) => {
      throw explainMissingRight(error, lesson.name);
    });
    await applySchema(sql, lesson);
    return {
      sql,
      url,
      name: lesson.name,
      async cutOff() {
        const what = await cutOff(sql);
        if (!(await isHeld(lock))) {
          await lock.release();
          lock = await lockIt();
        }
        return what;
      },
      async close() {
        await sql.end();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * Opens the same database without emptying it, and creates the schema if there is none yet. Any number of processes can
 * join. They wait until no story is running.
 */
export async function joinLessonDatabase(
  mainUrl: string,
  say: Say = console.error,
): Promise<LessonDatabase> {
  const lesson = lessonAt(mainUrl);
  const server = await serverUrl({ say });
  const lock = await takeLessonLock(server, lesson.name, "together", () => say(waits(lesson)));
  try {
    const setUp = await takeLessonLock(server, `${lesson.name} set up`, "alone", () => {});
    try {
      await createIfMissing(setUp.connection, lesson.name);
      const { sql, url } = await connectTo(lesson, server);
      const close = () => sql.end().finally(() => lock.release());
      await joinSchema(sql, lesson).catch((error) => {
        sql.end();
        throw error;
      });
      return { sql, url, name: lesson.name, close };
    } finally {
      await setUp.release();
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function waits({ number }: Lesson): string {
  return `Lesson ${number} is running in another terminal; waiting for it to end …`;
}

async function isHeld({ connection }: LessonLock): Promise<boolean> {
  return connection`select`.then(
    () => true,
    () => false,
  );
}

async function connectTo(
  { number, name }: Lesson,
  server: string,
): Promise<{ sql: Sql; url: string }> {
  const url = withDatabase(server, name);
  // Few, as a story opens more pools, and PgBouncer's default limit is 20 connections per database.
  const sql = connect(url, { max: 5, applicationName: `lesson-${number}` });
  // The server may have no connection left by now, or a pooler in front of it may not know this database.
  await sql`select`.catch(async (error) => {
    await sql.end({ timeout: 0 });
    throw explainConnectionError(error, url);
  });
  return { sql, url };
}
