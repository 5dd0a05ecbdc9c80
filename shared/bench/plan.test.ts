import { expect, test } from "vitest";
import type { Contestant } from "./contestants.ts";
import { planOf } from "./plan.ts";

const contestant = (name: string): Contestant => ({
  name,
  kind: "ours",
  adapter: "lesson",
  workloads: ["drain", "resume"],
  configurations: [
    { name: "best", options: {}, says: "" },
    { name: "default", options: {}, says: "" },
  ],
});
const all = ["lesson 07", "DBOS", "pg-boss"].map(contestant);
const choice = { rounds: 2, seed: 7, quick: false };
const texts = (runs: ReturnType<typeof planOf>) =>
  runs.map(({ round, workload, contestant, configuration }) =>
    [round, workload.name, contestant.name, configuration.name].join(" "),
  );

test("each contestant is measured once a round, in an order that the seed decides", () => {
  const runs = texts(planOf(all, choice));
  expect(runs).toEqual(texts(planOf(all, choice)));
  expect(runs).not.toEqual(texts(planOf(all, { ...choice, seed: 8 })));
  expect(new Set(runs).size).toBe(runs.length);
  // Two configurations in the drain, the best one in the resume.
  expect(runs).toHaveLength(2 * 3 * (2 + 1));
  expect(runs.map((run) => run[0])).toEqual([...runs].map((run) => run[0]).sort());
});

test("names may be written as one likes, and an unknown one is refused", () => {
  const runs = planOf(all, { ...choice, rounds: 1, contestants: ["lesson-07"], only: ["resume"] });
  expect(texts(runs)).toEqual(["1 resume lesson 07 best"]);
  expect(() => planOf(all, { ...choice, contestants: ["lesson-99"] })).toThrow(/lesson 07, DBOS/);
});

test("a quick run leaves out the early lessons, unless they are named", () => {
  const early = { ...contestant("lesson 02"), notInQuick: true };
  const quick = { ...choice, rounds: 1, quick: true, only: ["resume"] };
  expect(texts(planOf([early, contestant("lesson 07")], quick))).toEqual([
    "1 resume lesson 07 best",
  ]);
  expect(texts(planOf([early], { ...quick, contestants: ["lesson 02"] }))).toEqual([
    "1 resume lesson 02 best",
  ]);
});

test("who is left out is not measured", () => {
  const absent = { ...contestant("Absurd"), leftOut: "no schema" };
  expect(planOf([absent], choice)).toEqual([]);
});
