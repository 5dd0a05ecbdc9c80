import { fileURLToPath } from "node:url";
import {
  type CrashSite,
  expectCrashes,
  log,
  row,
  type StopPoint,
  useCrashableServer,
  waysToDie,
} from "shared/testing";
import { describe, expect, test } from "vitest";
import * as engine from "#engine";
import { enqueue, Worker } from "#engine";
import { packing } from "./packing.ts";

const database = useCrashableServer();
const program = fileURLToPath(new URL("packing-worker.ts", import.meta.url));

// The second name is that of an engine that writes in batches.
const START = ["startChild", "startChildren"];
const SUSPEND = ["suspendTask", "suspendTasks"];
const CLAIM = "claimTasks";
const END = ["endRun", "endRuns"];

const POINTS: Record<string, StopPoint> = {
  "before a child is started": { query: START, when: "before" },
  "after a child was started": { query: START, when: "after" },
  "before the second child is started": { query: START, values: "pack", when: "before" },
  "before the parent is suspended": { query: SUSPEND, when: "before" },
  "after the parent was suspended": { query: SUSPEND, when: "after" },
  "after the children were claimed": { query: CLAIM, when: "after", nth: 2 },
  "before a child's end is written": { query: END, when: "before" },
  "after a child's end was written": { query: END, when: "after" },
  "after the woken parent was claimed": { query: CLAIM, when: "after", nth: 3 },
  "before the parent's end is written": { query: END, when: "before", nth: 3 },
  "after the parent's end was written": { query: END, when: "after", nth: 3 },
};

describe("wherever and however a worker crashes, each call has one child, and the child's end reaches the parent", () => {
  test.for(waysToDie)("%s", (way, context) =>
    expectCrashes(context, way, {
      points: POINTS,
      database,
      program,
      begin,
      successor,
      ending,
      must,
    }),
  );
});

function begin({ sql, ledger }: CrashSite): Promise<string> {
  return enqueue(sql, packing(engine, sql, ledger).order, null);
}

function successor({ sql, ledger }: CrashSite): Worker {
  return new Worker(sql, { tasks: packing(engine, sql, ledger).tasks, log: () => {} });
}

async function ending({ sql, ledger }: CrashSite, id: string) {
  const { status, output } = (await row(sql, id)) as { status: string; output: unknown };
  const tasks = await sql`select name, tasks.status from tasks order by name`;
  return {
    status,
    output,
    tasks: tasks.map((each) => `${each.name} ${each.status}`),
    // The children end in any order.
    log: (await log(sql, id)).sort(),
    done: Object.fromEntries(ledger.counts()),
  };
}

function must() {
  return {
    status: "succeeded",
    output: "12 € for 3 items",
    tasks: ["order succeeded", "pack succeeded", "pay succeeded"],
    log: [
      "1 reserve succeeded",
      "2 pay started",
      "2 pay succeeded",
      "3 pack started",
      "3 pack succeeded",
      "4 notify succeeded",
    ],
    done: { reserve: 1, pay: onceOrTwice, fold: onceOrTwice, fill: onceOrTwice, notify: 1 },
  };
}

const onceOrTwice = expect.toSatisfy((times: number) => times === 1 || times === 2);
