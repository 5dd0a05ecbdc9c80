import { expect, test } from "vitest";
import type { Result } from "./results.ts";
import { spreadOf } from "./statistics.ts";
import { verdictsOf } from "./targets.ts";

function drained(contestant: string, kind: Result["kind"], perSecond: number): Result {
  return {
    workload: "drain",
    contestant,
    kind,
    configuration: "best",
    says: "",
    figures: { perSecond: spreadOf([perSecond]) },
    peakBytes: spreadOf([100]),
    capped: false,
    done: 1,
    problems: [],
  };
}

const results = [
  drained("raw SQL", "raw", 100),
  drained("lesson 07", "ours", 1),
  drained("lesson 08", "ours", 60),
  drained("graphile-worker", "queue", 50),
  drained("DBOS", "durable", 10),
];

test("the newest lesson is compared with the best of its peers", () => {
  const [peer, raw, memory] = verdictsOf(results);
  expect(peer).toMatchObject({ beside: "graphile-worker", value: 1.2, reached: true });
  expect(raw).toMatchObject({ beside: "raw SQL", value: 0.6, reached: true });
  expect(memory).toMatchObject({ beside: "DBOS", value: 1, reached: true });
});

test("what falls short is said to", () => {
  const slower = [...results, drained("lesson 09", "ours", 49)];
  expect(verdictsOf(slower).map(({ reached }) => reached)).toEqual([false, false, true]);
});

test("nobody is measured by a run that went wrong", () => {
  const wrong = { ...drained("pg-boss", "queue", 1_000), problems: ["a task ran twice"] };
  expect(verdictsOf([...results, wrong])[0]).toMatchObject({ beside: "graphile-worker" });
});
