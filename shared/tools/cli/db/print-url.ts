import type { EmbeddedOptions } from "../../../runtime/database/embedded/index.ts";
import { lessonDatabaseName } from "../../../runtime/database/lesson-schema.ts";
import { withDatabase } from "../../../runtime/database/own-database.ts";
import { serverUrl } from "../../../runtime/database/server.ts";
import { findLesson } from "../../lessons/lessons.ts";

/** `pnpm db url`. Other messages go to stderr, so that `$(…)` contains only the URL. */
export async function printUrl(server: EmbeddedOptions, lesson: string | undefined): Promise<void> {
  const database = lesson === undefined ? undefined : lessonDatabaseName(findLesson(lesson).number);
  const url = await serverUrl({ ...server, say: console.error });
  console.log(database === undefined ? url : withDatabase(url, database));
}
