import { connect } from "../runtime/database/index.ts";
import { lessonDatabaseName } from "../runtime/database/lesson-schema.ts";
import { createIfMissing, withDatabase } from "../runtime/database/own-database.ts";

// Named like a lesson's, because no other databases may be created on a server that is not ours.
const SCRATCH = lessonDatabaseName("00");

/**
 * Creates the database that all tests share, each in a schema of its own, if it does not exist; returns its URL.
 * `server` is the URL of the server it is on.
 */
export async function createScratchDatabase(server: string): Promise<string> {
  const admin = connect(server, { max: 1 });
  const lock = await admin.reserve();
  try {
    await lock`select pg_advisory_lock(hashtext(${SCRATCH}))`;
    await createIfMissing(lock, SCRATCH);
    // Nothing in it must outlive the server, so a commit need not wait for the disk. Tests that crash Postgres have
    // servers of their own.
    await lock.unsafe(`alter database ${SCRATCH} set synchronous_commit = off`);
  } finally {
    lock.release();
    await admin.end();
  }
  return withDatabase(server, SCRATCH);
}
