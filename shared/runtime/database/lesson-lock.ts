import { connect, type ReservedSql } from "./connect.ts";

export type LessonLock = {
  /** The connection that holds the lock. It is connected to the database in the server's URL. */
  connection: ReservedSql;
  /** Releases the lock. Postgres releases it if the process is killed. */
  release(): Promise<void>;
};

/**
 * Locks a lesson's database: "alone" for its story, or "together" with other commands that use it without emptying it.
 * Calls `onWait` if the lock is not free.
 */
export async function takeLessonLock(
  server: string,
  name: string,
  how: "alone" | "together",
  onWait: () => void,
): Promise<LessonLock> {
  const admin = connect(server, { max: 1 });
  // Not awaited: after a restart of Postgres, this connection never answers.
  const release = () => admin.end({ timeout: 0 });
  try {
    const connection = await admin.reserve();
    const lock = how === "alone" ? "advisory_lock" : "advisory_lock_shared";
    const key = `hashtext('${name}')`;
    const [attempt] = await connection.unsafe(`select pg_try_${lock}(${key}) as taken`);
    if (!attempt?.taken) {
      onWait();
      await connection.unsafe(`select pg_${lock}(${key})`);
    }
    return { connection, release };
  } catch (error) {
    await release();
    throw error;
  }
}
