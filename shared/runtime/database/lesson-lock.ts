import { connect, type ReservedSql } from "./connect.ts";

export type LessonLock = {
  /** The connection that holds the lock, to the database that the server's URL names. */
  connection: ReservedSql;
  /** Releases the lock. If the process is killed, Postgres releases it. */
  release(): Promise<void>;
};

/**
 * Takes the lock of a lesson's database: "alone" for its story, or "together" with other commands that use the database as
 * it is. Calls `onWait` if it has to wait.
 */
export async function takeLessonLock(
  server: string,
  name: string,
  how: "alone" | "together",
  onWait: () => void,
): Promise<LessonLock> {
  const admin = connect(server, { max: 1 });
  // Without waiting: after a restart of Postgres, nothing answers on this connection.
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
