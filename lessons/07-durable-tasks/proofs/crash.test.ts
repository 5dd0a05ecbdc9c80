import { fileURLToPath } from "node:url";
import { Ledger } from "shared/processes";
import {
  die,
  expectCells,
  moveTime,
  type StopPoint,
  startTestProcess,
  useCrashableServer,
  type WayToDie,
  waysToDie,
} from "shared/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import * as engine from "#engine";
import { enqueue, Worker } from "#engine";
import { log } from "./log.ts";
import { packing } from "./packing.ts";
import { row } from "./row.ts";

const crashableDatabase = useCrashableServer();

const START = "open_children = open_children \\+";
const SUSPEND = "then 'suspended' else status";
const CLAIM = "set status = 'running',";
const SUCCEED = "set status = 'succeeded',";

const POINTS: Record<string, StopPoint> = {
  "before a child is started": { statement: START, when: "before" },
  "after a child was started": { statement: START, when: "after" },
  "before the second child is started": { statement: START, values: "pack", when: "before" },
  "before the parent is suspended": { statement: SUSPEND, when: "before" },
  "after the parent was suspended": { statement: SUSPEND, when: "after" },
  "after the children were claimed": { statement: CLAIM, when: "after", nth: 2 },
  "before a child's end is written": { statement: SUCCEED, when: "before" },
  "after a child's end was written": { statement: SUCCEED, when: "after" },
  "after the woken parent was claimed": { statement: CLAIM, when: "after", nth: 3 },
  "before the parent's end is written": { statement: SUCCEED, when: "before", nth: 3 },
  "after the parent's end was written": { statement: SUCCEED, when: "after", nth: 3 },
};

describe("wherever and however it crashes, each call starts one child, and its end reaches the parent", () => {
  test.for(waysToDie)("%s", async (way, context) => {
    const cells = await Promise.all(Object.entries(POINTS).map(stopAt));
    await die(way, cells);
    const came = await Promise.all(cells.map((cell) => endingOf(cell, way)));

    expectCells(
      context,
      cells.map(({ point }, index) => ({
        point,
        came: came[index],
        must: {
          wasReached: true,
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
        },
      })),
    );
  });
});

const onceOrTwice = expect.toSatisfy((times: number) => times === 1 || times === 2);

type Cell = Awaited<ReturnType<typeof stopAt>>;

/** An order on tables of its own, whose worker has stopped at a point. */
async function stopAt([point, place]: [string, StopPoint]) {
  const database = await crashableDatabase();
  const { sql, byProxy } = database;
  const ledger = Ledger.create();
  onTestFinished(() => ledger.remove());
  const id = await enqueue(sql, packing(engine, sql, ledger).order, null);
  const script = fileURLToPath(new URL("packing-worker.ts", import.meta.url));
  const worker = startTestProcess(script, byProxy, ledger, { stopAt: place });
  return { ...database, point, ledger, id, stopped: worker, wasReached: await worker.stopped };
}

async function endingOf({ sql, ledger, id, ...cell }: Cell, way: WayToDie): Promise<unknown> {
  if (way === "kill -9") {
    await moveTime(sql, { seconds: 15 });
    const { tasks } = packing(engine, sql, ledger);
    const another = new Worker(sql, { tasks, log: () => {} });
    while ((await another.tick()) > 0);
  } else {
    await cell.stopped.ended;
  }
  const { status, output } = (await row(sql, id)) as { status: string; output: unknown };
  const tasks = await sql`select name, tasks.status from tasks order by name`;
  return {
    wasReached: cell.wasReached,
    status,
    output,
    tasks: tasks.map((each) => `${each.name} ${each.status}`),
    // The children end in any order.
    log: (await log(sql, id)).sort(),
    done: Object.fromEntries(ledger.counts()),
  };
}
