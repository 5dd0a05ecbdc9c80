import path from "node:path";
import { startThrowAwayServer } from "../../runtime/database/embedded/throw-away.ts";
import { databaseUrlVariable, serverUrl } from "../../runtime/database/server.ts";
import { createScratchDatabase } from "../../testing/scratch-database.ts";
import { type Lesson, repositoryRoot } from "../lessons/lessons.ts";
import { type Built, build } from "./prebuild.ts";

/** What the tests of all lessons run with. */
export type Surroundings = {
  /** Undefined if something could not be built; then the tests run from the sources. */
  built: Built | undefined;
  /** The URL of the server for tests. */
  server: string;
  /** The URL of the database on it in which each test has a schema of its own. */
  scratch: string;
  /** Removes what was made: what was built, and the server if it is a throw-away one. */
  remove(): Promise<void>;
};

/**
 * Builds the engines and starts a server for tests. The stories use the repository's own server, and restart it; so the
 * tests have a throw-away one, unless DATABASE_URL names one for both.
 */
export async function prepare(lessons: Lesson[]): Promise<Surroundings> {
  const started =
    databaseUrlVariable() === undefined
      ? await startThrowAwayServer({ synchronous_commit: "off" })
      : undefined;
  let built: Built | undefined;
  const remove = async () => {
    built?.remove();
    await started?.remove();
  };
  try {
    built = await build(lessons, [path.join(repositoryRoot, "shared/soak")]);
    const server = started?.url ?? (await serverUrl());
    return { built, server, scratch: await createScratchDatabase(server), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
