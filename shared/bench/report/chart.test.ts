import { expect, test } from "vitest";
import { drainResult } from "../drain-result.ts";
import { workloads } from "../workloads.ts";
import { chartOf } from "./chart.ts";
import { figure, rowsOf } from "./rows.ts";

const setting = { machine: "2 × <CPU>", node: "20", postgres: "18", date: "2026-01-01" };

const results = [
  drainResult("DBOS", "durable", 1_234),
  drainResult("lesson 08", "ours", 30_000),
  {
    ...drainResult("pg-boss", "queue", 99_999),
    problems: ["round 1: 1 task of 3 did not run\n    at a line of the stack"],
  },
];

test("the chart has a bar for each contestant without problems, the best one on top", () => {
  const chart = chartOf(setting, workloads, results);
  expect([...chart.matchAll(/class="name"[^>]*>([^<]*)</g)].map(([, name]) => name)).toEqual([
    "lesson 08",
    "DBOS",
  ]);
  expect(chart).toContain("2 × &lt;CPU>");
  expect(chart).not.toMatch(/NaN|undefined/);
});

test("a table's row has the median, the range, the ratio to ours and the problems", () => {
  const [failed, ours, peer] = rowsOf(workloads[0] as (typeof workloads)[0], results);
  expect(failed?.[""]).toBe("FAILED: round 1: 1 task of 3 did not run");
  expect(ours).toMatchObject({ "tasks/s": "30,000", "× lesson 08": "1.00", "peak MB": "100" });
  expect(peer).toMatchObject({ "tasks/s": "1,230", range: "1,110 – 1,360" });
});

test("a figure has three significant digits", () => {
  expect([0, 0.0123, 1.2345, 12.345, 123.45, 12_345].map(figure)).toEqual([
    "0",
    "0.0123",
    "1.23",
    "12.3",
    "123",
    "12,300",
  ]);
});
