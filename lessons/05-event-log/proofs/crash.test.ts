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
import { row } from "./row.ts";
import { transferOrder } from "./transfer-order.ts";

const crashableDatabase = useCrashableServer();

const EFFECTS = ["reserve", "transfer", "notify"];

const APPEND = "set event_count = event_count \\+";

const POINTS: Record<string, StopPoint> = {
  "after the claim": { statement: "set status = 'running',", when: "after" },
  "after an effect, before its event": { statement: APPEND, when: "before" },
  "after an event, before its answer": { statement: APPEND, when: "after" },
  "before a transaction commits": { statement: "^commit$", when: "before" },
  "after a transaction has committed": { statement: "^commit$", when: "after" },
  "before a heartbeat": { statement: "^update workers", when: "before" },
  "after a heartbeat": { statement: "^update workers", when: "after" },
  "before the outcome": { statement: "set status = 'succeeded'", when: "before" },
  "after the outcome": { statement: "set status = 'succeeded'", when: "after" },
};

// What has been begun there and is not written down yet. The heartbeats are sent while the order notifies.
const MAY_REPEAT: Record<string, string> = {
  "after an effect, before its event": "reserve",
  "before a transaction commits": "transfer",
  "before a heartbeat": "notify",
  "after a heartbeat": "notify",
};

describe("wherever and however it crashes, a task takes effect once, and no finished step runs again", () => {
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
          output: 90,
          balances: [90, 10],
          log: ["1 reserve succeeded", "2 transfer succeeded", "3 notify succeeded"],
          repeated: expect.toSatisfy(
            (effects: string[]) =>
              effects.length <= 1 && effects.every((effect) => effect === MAY_REPEAT[point]),
          ),
          missing: [],
        },
      })),
    );
  });
});

type Cell = Awaited<ReturnType<typeof stopAt>>;

/** An order on tables of its own, whose worker has stopped at a point. */
async function stopAt([point, place]: [string, StopPoint]) {
  const database = await crashableDatabase();
  const { sql, byProxy } = database;
  const ledger = Ledger.create();
  onTestFinished(() => ledger.remove());
  await sql`create table accounts (name text, balance int)`;
  await sql`insert into accounts values ('alice', 100), ('bob', 0)`;
  const id = await enqueue(sql, transferOrder(engine, sql, ledger), null);
  const script = fileURLToPath(new URL("crashing-worker.ts", import.meta.url));
  const worker = startTestProcess(script, byProxy, ledger, { stopAt: place });
  return { ...database, point, ledger, id, stopped: worker, wasReached: await worker.stopped };
}

async function endingOf({ sql, ledger, id, ...cell }: Cell, way: WayToDie): Promise<unknown> {
  if (way === "kill -9") {
    await moveTime(sql, { seconds: 15 });
    const another = new Worker(sql, { tasks: [transferOrder(engine, sql, ledger)], log: () => {} });
    while ((await another.tick()) > 0);
  } else {
    await cell.stopped.ended;
  }
  const { status, output } = (await row(sql, id)) as { status: string; output: unknown };
  const accounts = await sql`select balance from accounts order by name`;
  const times = EFFECTS.map((effect) => ledger.counts().get(effect) ?? 0);
  return {
    wasReached: cell.wasReached,
    status,
    output,
    balances: accounts.map(({ balance }) => balance),
    log: await log(sql, id),
    // Once for each time too many.
    repeated: EFFECTS.flatMap((effect, index) =>
      Array(Math.max(0, (times[index] ?? 0) - 1)).fill(effect),
    ),
    missing: EFFECTS.filter((_, index) => times[index] === 0),
  };
}
