import { connect } from "../runtime/database/index.ts";
import { lessonDatabaseName } from "../runtime/database/lesson-schema.ts";
import { createIfMissing, withDatabase } from "../runtime/database/own-database.ts";
import { serverUrl } from "../runtime/database/server.ts";

// Named like a lesson's, because no other databases may be created on a server that is not ours.
const SCRATCH = lessonDatabaseName("00");

/** Creates the database that all tests share, each in a schema of its own, if need be; returns its URL. */
export async function createScratchDatabase(): Promise<string> {
  const server = await serverUrl();
  const admin = connect(server, { max: 1 });
  const lock = await admin.reserve();
  try {
    await lock`select pg_advisory_lock(hashtext(${SCRATCH}))`;
    await createIfMissing(lock, SCRATCH);
    // Nothing in it has to outlive the server, so a commit need not wait for the disk. What a crash of Postgres
    // leaves is tested on servers of the tests' own.
    await lock.unsafe(`alter database ${SCRATCH} set synchronous_commit = off`);
  } finally {
    lock.release();
    await admin.end();
  }
  return withDatabase(server, SCRATCH);
}
