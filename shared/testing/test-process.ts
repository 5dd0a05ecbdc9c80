import path from "node:path";
import { pathToFileURL } from "node:url";
import { assert, onTestFinished } from "vitest";
import { databaseUrlVariable } from "../runtime/database/server.ts";
import { builtOrSource } from "../runtime/processes/built.ts";
import { type Ledger, type StartedProcess, startProcess } from "../runtime/processes/index.ts";
import type { StopPoint } from "./faults.ts";
import type { FreshDatabase } from "./fresh-database.ts";
import { spoken, textsOf } from "./lesson-queries.ts";
import { lessonUnderTest } from "./lesson-under-test.ts";
import type { HowToGoOn, StopPlace } from "./stop-point.ts";

export type TestProcess = StartedProcess & {
  /** Resolves when the process is at its stop point; rejects with an `AssertionError` if it ends first or cannot stop. */
  stopped: Promise<void>;
  /** Lets the process continue from its stop point. Default: `answered`. */
  goOn(how?: HowToGoOn): void;
};

// Node reads all certificates at startup, which takes as long as loading an engine. The embedded server has no TLS.
const NO_CERTIFICATES = { NODE_EXTRA_CA_CERTS: "" };

/**
 * Runs a file of the test in a child process, in which `joinTest()` returns `database` and `ledger`. The process is killed
 * after the test. Its pool stops at `stopAt`, once, until `goOn()`; all its other statements continue. The test fails if
 * the process has not reached its stop point by the end of the test.
 */
export function startTestProcess(
  file: string,
  database: Pick<FreshDatabase, "url" | "schema">,
  ledger: Ledger,
  { stopAt }: { stopAt?: StopPoint } = {},
): TestProcess {
  const stop = stopAt && resolve(stopAt);
  const started = startProcess(file, {
    TEST_URL: database.url,
    TEST_SCHEMA: database.schema,
    TEST_LEDGER: ledger.file,
    TEST_ENGINE: pathToFileURL(builtOrSource(path.join(lessonUnderTest(), "engine/index.ts"))).href,
    ...(stop?.place && { TEST_STOP_AT: JSON.stringify(stop.place) }),
    ...(databaseUrlVariable() === undefined && NO_CERTIFICATES),
  });
  onTestFinished(() => started.kill());
  return {
    ...started,
    stopped: untilStopped(started, stop),
    goOn: (how: HowToGoOn = "answered") => started.send(how, "go on"),
  };
}

type Stop = { name: string; place?: StopPlace; unknown?: unknown };

// The lesson before, on which a proof must fail, may lack the query. The process runs anyway, because its result on that
// lesson is part of what the proof shows.
function resolve({ query, ...place }: StopPoint): Stop {
  const name = `the stop ${place.when} ${spoken(query)}`;
  try {
    return { name, place: { ...place, texts: textsOf(query) } };
  } catch (unknown) {
    return { name, unknown };
  }
}

function untilStopped(started: StartedProcess, stop: Stop | undefined): Promise<void> {
  const never = `Never reached: ${stop?.name ?? "the process was started without stopAt"}`;
  let isStopped = false;
  const stopped = (async () => {
    if (stop?.unknown) throw stop.unknown;
    await started.nextMessage("stopped").catch(() => assert.fail(never));
    isStopped = true;
  })();
  // A test that does not await this gets the error at its end.
  stopped.catch(() => {});
  if (stop) onTestFinished(() => assert(isStopped, never));
  return stopped;
}
