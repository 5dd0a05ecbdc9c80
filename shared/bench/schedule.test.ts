import { expect, test } from "vitest";
import type { Contestant } from "./contestants.ts";
import { scheduleOf } from "./schedule.ts";

const contestant = (name: string): Contestant => ({
  name,
  kind: "ours",
  adapter: "lesson-engine",
  workloads: ["drain", "resume"],
  configurations: [
    { name: "best", options: {}, says: "" },
    { name: "default", options: {}, says: "" },
  ],
});
const all = ["lesson 07", "DBOS", "pg-boss"].map(contestant);
const choice = { rounds: 2, seed: 7, quick: false };
const lines = (runs: ReturnType<typeof scheduleOf>) =>
  runs.map(({ round, workload, contestant, configuration }) =>
    [round, workload.name, contestant.name, configuration.name].join(" "),
  );

test("each contestant is measured once in each round, in an order that the seed determines", () => {
  const runs = lines(scheduleOf(all, choice));
  expect(runs).toEqual(lines(scheduleOf(all, choice)));
  expect(runs).not.toEqual(lines(scheduleOf(all, { ...choice, seed: 8 })));
  expect(new Set(runs).size).toBe(runs.length);
  // `drain` measures both configurations, `resume` only the best one.
  expect(runs).toHaveLength(2 * 3 * (2 + 1));
  expect(runs.map((run) => run[0])).toEqual([...runs].map((run) => run[0]).sort());
});

test("names are accepted in any spelling, and an unknown one is refused", () => {
  const runs = scheduleOf(all, {
    ...choice,
    rounds: 1,
    contestants: ["lesson-07"],
    only: ["resume"],
  });
  expect(lines(runs)).toEqual(["1 resume lesson 07 best"]);
  expect(() => scheduleOf(all, { ...choice, contestants: ["lesson-99"] })).toThrow(
    /lesson 07, DBOS/,
  );
});

test("a quick run skips the early lessons, unless they are named", () => {
  const early = { ...contestant("lesson 02"), notInQuick: true };
  const quick = { ...choice, rounds: 1, quick: true, only: ["resume"] };
  expect(lines(scheduleOf([early, contestant("lesson 07")], quick))).toEqual([
    "1 resume lesson 07 best",
  ]);
  expect(lines(scheduleOf([early], { ...quick, contestants: ["lesson 02"] }))).toEqual([
    "1 resume lesson 02 best",
  ]);
});

test("a contestant that cannot be measured is skipped", () => {
  const absent = { ...contestant("Absurd"), leftOut: "no schema" };
  expect(scheduleOf([absent], choice)).toEqual([]);
});
