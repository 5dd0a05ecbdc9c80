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
  /** Resolves when it has stopped at its stop point; rejects with an `AssertionError` if it ends before, or never can. */
  stopped: Promise<void>;
  /** Lets it go on from there. Default: `answered`. */
  goOn(how?: HowToGoOn): void;
};

// Node reads them all when it starts, which takes it as long as to load an engine; our own server has no TLS.
const NO_CERTIFICATES = { NODE_EXTRA_CA_CERTS: "" };

/**
 * Starts a file of the test's as a process of its own, which gets what is given here from `joinTest()`. It is killed when
 * the test is over. Its pool stops at `stopAt`, once, until `goOn()`; all its other statements go on meanwhile. The test
 * fails if the process has not reached its stop point by its end.
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

// The lesson before, on which a proof has to fail, may not have the query. The process runs all the same: what comes of it
// there is part of what the proof shows.
function resolve({ query, ...place }: StopPoint): Stop {
  const name = `the stop ${place.when} ${spoken(query)}`;
  try {
    return { name, place: { ...place, texts: textsOf(query) } };
  } catch (unknown) {
    return { name, unknown };
  }
}

function untilStopped(started: StartedProcess, stop: Stop | undefined): Promise<void> {
  const never = `Never reached: ${stop?.name ?? "a stop that nobody has asked for"}`;
  let isStopped = false;
  const stopped = (async () => {
    if (stop?.unknown) throw stop.unknown;
    await started.nextMessage("stopped").catch(() => assert.fail(never));
    isStopped = true;
  })();
  // A test that does not wait for it hears of it when it is over.
  stopped.catch(() => {});
  if (stop) onTestFinished(() => assert(isStopped, never));
  return stopped;
}
