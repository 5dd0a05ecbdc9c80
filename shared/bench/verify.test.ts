import { describe, expect, test } from "vitest";
import type { WorkloadName } from "./job.ts";
import { type Done, problemsOf } from "./verify.ts";

const size = { tasks: 3, steps: 2, children: 2 };
const complete = { partial: false, drained: true };

function problems(workload: WorkloadName, done: Partial<Done> & Pick<Done, "counts">): string[] {
  const tally = { tasks: [1, 1, 1], steps: [1, 1, 1, 1, 1, 1], children: [1, 1, 1, 1, 1, 1] };
  return problemsOf({ workload, size }, { ...complete, tally, ...done });
}

describe("a queue that was drained", () => {
  test("is right if each task ran once, and the tables say so", () => {
    expect(problems("drain", { counts: { tasks: 3, steps: 0 } })).toEqual([]);
  });

  test("is wrong if a task ran twice, if one did not run, or if the tables lack one", () => {
    const counts = { tasks: 3, steps: 0 };
    const ran = (tasks: number[]) => ({ counts, tally: { tasks, steps: [], children: [] } });
    expect(problems("drain", ran([1, 2, 1]))).toEqual([
      "1 task of 3 ran more than once",
      "tasks succeeded: 3, where the handlers say 4",
    ]);
    expect(problems("drain", ran([1, 0, 1]))).toContain("1 task of 3 did not run");
    expect(problems("drain", { counts: { tasks: 2, steps: 0 } })).toEqual([
      "tasks succeeded: 2, where the handlers say 3",
    ]);
  });
});

describe("a run that was stopped before its end", () => {
  const tally = { tasks: [1, 1, 0], steps: [], children: [] };

  test("is right if what ran is what the tables have", () => {
    const counts = { tasks: 2, steps: 0 };
    expect(problems("drain", { counts, tally, partial: true })).toEqual([]);
  });

  test("may lack what its worker had no time to write down, and nothing else", () => {
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

test("a child that did not run is missed", () => {
  const tally = { tasks: [1, 1, 1], steps: [], children: [1, 1, 1, 1, 1, 0] };
  expect(problems("children", { counts: { tasks: 9, steps: 0 }, tally })).toEqual([
    "1 child of 6 did not run",
    "tasks succeeded: 9, where the handlers say 8",
  ]);
});

test("a task that was resumed must not repeat a step that an earlier process has done", () => {
  const done = { counts: { tasks: 3, steps: 2 } };
  expect(problems("resume", { ...done, ledger: ["0", "1"] })).toEqual([]);
  expect(problems("resume", { ...done, ledger: ["0", "0", "1"] })).toEqual([
    "1 step of 2 ran more than once",
  ]);
  expect(problems("resume", { ...done, ledger: ["0"] })).toEqual(["1 step of 2 did not run"]);
});
