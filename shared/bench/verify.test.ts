import { describe, expect, test } from "vitest";
import type { WorkloadName } from "./job.ts";
import { type Observed, problemsOf } from "./verify.ts";

const size = { tasks: 3, steps: 2, children: 2 };
const complete = { partial: false, drained: true };

function problems(
  workload: WorkloadName,
  observed: Partial<Observed> & Pick<Observed, "counts">,
): string[] {
  const tally = { tasks: [1, 1, 1], steps: [1, 1, 1, 1, 1, 1], children: [1, 1, 1, 1, 1, 1] };
  return problemsOf({ workload, size }, { ...complete, tally, ...observed });
}

describe("a drained queue", () => {
  test("has no problem if each task ran once and the tables agree", () => {
    expect(problems("drain", { counts: { tasks: 3, steps: 0 } })).toEqual([]);
  });

  test("has a problem if a task ran twice or not at all, or is missing in the tables", () => {
    const counts = { tasks: 3, steps: 0 };
    const ran = (tasks: number[]) => ({ counts, tally: { tasks, steps: [], children: [] } });
    expect(problems("drain", ran([1, 2, 1]))).toEqual([
      "1 task of 3 ran more than once",
      "tasks succeeded: 3, but the handlers counted 4",
    ]);
    expect(problems("drain", ran([1, 0, 1]))).toContain("1 task of 3 did not run");
    expect(problems("drain", { counts: { tasks: 2, steps: 0 } })).toEqual([
      "tasks succeeded: 2, but the handlers counted 3",
    ]);
  });
});

describe("a run that was stopped early", () => {
  const tally = { tasks: [1, 1, 0], steps: [], children: [] };

  test("has no problem if the tables contain the tasks that ran", () => {
    const counts = { tasks: 2, steps: 0 };
    expect(problems("drain", { counts, tally, partial: true })).toEqual([]);
  });

  test("may have tasks that ran but are not stored, if its worker did not stop in time", () => {
    const cutShort = { tally, partial: true, drained: false };
    expect(problems("drain", { counts: { tasks: 1, steps: 0 }, ...cutShort })).toEqual([]);
    expect(problems("drain", { counts: { tasks: 3, steps: 0 }, ...cutShort })).toHaveLength(1);
  });
});

test("a durable task may run more than once, its steps may not", () => {
  const counts = { tasks: 3, steps: 6 };
  const steps = [1, 1, 1, 1, 1, 1];
  const replayed = { tasks: [2, 1, 1], steps, children: [] };
  expect(problems("steps", { counts, tally: replayed })).toEqual([]);
  const repeated = { tasks: [], steps: [2, 1, 1, 1, 1, 1], children: [] };
  expect(problems("steps", { counts, tally: repeated })).toContain(
    "1 step of 6 ran more than once",
  );
});

test("a child that did not run is reported", () => {
  const tally = { tasks: [1, 1, 1], steps: [], children: [1, 1, 1, 1, 1, 0] };
  expect(problems("children", { counts: { tasks: 9, steps: 0 }, tally })).toEqual([
    "1 child of 6 did not run",
    "tasks succeeded: 9, but the handlers counted 8",
  ]);
});

test("a resumed task must not repeat a step of an earlier process", () => {
  const observed = { counts: { tasks: 3, steps: 2 } };
  expect(problems("resume", { ...observed, ledger: ["0", "1"] })).toEqual([]);
  expect(problems("resume", { ...observed, ledger: ["0", "0", "1"] })).toEqual([
    "1 step of 2 ran more than once",
  ]);
  expect(problems("resume", { ...observed, ledger: ["0"] })).toEqual(["1 step of 2 did not run"]);
});
