import { expect, type TestContext } from "vitest";

/** A place to crash at, what came of it, and what must come of it. */
export type CrashCell = { point: string; came: unknown; must: unknown };

declare module "vitest" {
  interface TaskMeta {
    /** The places to crash at of a test, and whether what must came of each. */
    crashPoints?: Record<string, boolean>;
  }
}

/** Expects that what must came of each place to crash at, and notes for the report of which it did. */
export function expectCells({ task }: TestContext, cells: CrashCell[]): void {
  task.meta.crashPoints = Object.fromEntries(
    cells.map(({ point, came, must }) => [point, holds(() => expect(came).toEqual(must))]),
  );
  expect(cells.map(({ point, came }) => ({ point, came }))).toEqual(
    cells.map(({ point, must }) => ({ point, came: must })),
  );
}

function holds(expectation: () => void): boolean {
  try {
    expectation();
    return true;
  } catch {
    return false;
  }
}
