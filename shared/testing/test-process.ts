import path from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { type Ledger, type StartedProcess, startProcess } from "../processes/index.ts";
import type { FreshDatabase } from "./database.ts";
import { lessonUnderTest } from "./lesson-under-test.ts";

/**
 * Starts a file of the test's as a process of its own, which finds what it is given here with
 * `joinTest()`. It is killed when the test is over.
 */
export function startTestProcess(
  file: string,
  database: FreshDatabase,
  ledger: Ledger,
): StartedProcess {
  const started = startProcess(file, {
    TEST_URL: database.url,
    TEST_SCHEMA: database.schema,
    TEST_LEDGER: ledger.file,
    TEST_ENGINE: pathToFileURL(path.join(lessonUnderTest(), "engine/index.ts")).href,
  });
  onTestFinished(() => started.kill());
  return started;
}
