import { serverUrl } from "../../../runtime/database/server.ts";
import { findLesson } from "../../lessons/lessons.ts";
import type { Server } from "./server.ts";

/** `pnpm db url`: what it says on the way goes to stderr, so that `$(…)` holds the URL alone. */
export async function url(server: Server, lesson: string | undefined): Promise<void> {
  const database = lesson === undefined ? undefined : databaseOf(lesson);
  const found = new URL(await serverUrl({ ...server, say: console.error }));
  if (database !== undefined) found.pathname = `/${database}`;
  console.log(found.href);
}

function databaseOf(lesson: string): string {
  return `durable_lesson_${findLesson(lesson).number}`;
}
