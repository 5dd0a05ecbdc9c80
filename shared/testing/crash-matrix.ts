import { expect, type TestContext } from "vitest";
import type { Ledger } from "../runtime/processes/index.ts";
import type { CrashableDatabase } from "./crashable-database.ts";
import type { StopPoint } from "./faults.ts";
import { freshLedger } from "./fresh-ledger.ts";
import { moveTime } from "./move-time.ts";
import { startTestProcess } from "./test-process.ts";
import { die, type WayToDie } from "./ways-to-die.ts";

export type CrashMatrix = {
  /** Where to crash. */
  points: Record<string, StopPoint>;
  /** Creates separate tables for each point, see `useCrashableServer`. */
  database: () => Promise<CrashableDatabase>;
  /**
   * The file of a process that runs the task until the task has ended, see `startTestProcess`. Its worker should have a long
   * lease: it stops waiting for a reply after a quarter of it, and so would not stay at its point until all are at theirs.
   */
  program: string;
  /** Enqueues the task and returns its id. */
  begin(on: CrashSite): Promise<string>;
  /** Returns a worker that takes over from a killed process. */
  successor(on: CrashSite): { tick(): Promise<number> };
  /** Returns the state after the crash, once the task has ended. */
  ending(on: CrashSite, id: string): Promise<object>;
  /** Returns the expected state, which may contain Vitest's matchers. */
  must(point: string): object;
};

/** The tables and the ledger of one point. */
export type CrashSite = CrashableDatabase & { ledger: Ledger };

declare module "vitest" {
  interface TaskMeta {
    /** For a test with a crash matrix: whether the state after the crash at each point was as expected. */
    crashPoints?: Record<string, boolean>;
  }
}

/**
 * Crashes one process at each point, all at the same moment, and expects the state after each crash to be `must(point)`. A
 * point fails, with the reason as its state, if it is not reached or if the lesson lacks its query.
 */
export async function expectCrashes(
  { task }: TestContext,
  way: WayToDie,
  matrix: CrashMatrix,
): Promise<void> {
  const cells = await Promise.all(Object.entries(matrix.points).map((at) => stopAt(at, matrix)));
  await die(way, cells);
  const found = await Promise.all(
    cells.map(async (cell) => ({ point: cell.point, ...(await endingOf(cell, way, matrix)) })),
  );
  const must = cells.map(({ point }) => ({ point, reached: true, ...matrix.must(point) }));
  task.meta.crashPoints = Object.fromEntries(
    cells.map(({ point }, index) => [
      point,
      holds(() => expect(found[index]).toEqual(must[index])),
    ]),
  );
  expect(found).toEqual(must);
}

type Cell = Awaited<ReturnType<typeof stopAt>>;

async function stopAt([point, place]: [string, StopPoint], matrix: CrashMatrix) {
  const ledger = freshLedger();
  const site: CrashSite = { ...(await matrix.database()), ledger };
  const id = await matrix.begin(site);
  const stopped = startTestProcess(matrix.program, site.byProxy, ledger, { stopAt: place });
  const reached = await stopped.stopped.then(
    () => true,
    ({ message }: Error) => message,
  );
  return { ...site, point, id, stopped, reached };
}

async function endingOf(cell: Cell, way: WayToDie, matrix: CrashMatrix): Promise<object> {
  if (way === "kill -9") {
    // The longest lease that a worker may have.
    await moveTime(cell.sql, { seconds: 3_600 });
    const successor = matrix.successor(cell);
    while ((await successor.tick()) > 0);
  } else {
    await cell.stopped.ended;
  }
  return { reached: cell.reached, ...(await matrix.ending(cell, cell.id)) };
}

function holds(expectation: () => void): boolean {
  try {
    expectation();
    return true;
  } catch {
    return false;
  }
}
