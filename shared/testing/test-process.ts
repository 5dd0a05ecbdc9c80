import path from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { databaseUrlVariable } from "../runtime/database/server.ts";
import { builtOrSource } from "../runtime/processes/built.ts";
import { type Ledger, type StartedProcess, startProcess } from "../runtime/processes/index.ts";
import type { FreshDatabase } from "./fresh-database.ts";
import { lessonUnderTest } from "./lesson-under-test.ts";
import type { HowToGoOn, StopPoint } from "./stop-point.ts";

export type TestProcess = StartedProcess & {
  /** Resolves with true when it stands at its stop point, with false if it ended without coming there. */
  stopped: Promise<boolean>;
  /** Lets it go on from there; `answered` if not given. */
  goOn(how?: HowToGoOn): void;
};

// Node reads them all when it starts, which takes it as long as to load an engine; our own server has no TLS.
const NO_CERTIFICATES = { NODE_EXTRA_CA_CERTS: "" };

/**
 * Starts a file of the test's as a process of its own, which finds what it is given here with
 * `joinTest()`. It is killed when the test is over. Its pool stops at `stopAt`, once, until it is told to
 * go on; whatever else it does goes on meanwhile.
 */
export function startTestProcess(
  file: string,
  database: Pick<FreshDatabase, "url" | "schema">,
  ledger: Ledger,
  { stopAt }: { stopAt?: StopPoint } = {},
): TestProcess {
  const started = startProcess(file, {
    TEST_URL: database.url,
    TEST_SCHEMA: database.schema,
    TEST_LEDGER: ledger.file,
    TEST_ENGINE: pathToFileURL(builtOrSource(path.join(lessonUnderTest(), "engine/index.ts"))).href,
    ...(stopAt && { TEST_STOP_AT: JSON.stringify(stopAt) }),
    ...(databaseUrlVariable() === undefined && NO_CERTIFICATES),
  });
  onTestFinished(() => started.kill());
  return {
    ...started,
    stopped: started.nextMessage("stopped").then(
      () => true,
      () => false,
    ),
    goOn: (how: HowToGoOn = "answered") => started.send(how, "go on"),
  };
}
