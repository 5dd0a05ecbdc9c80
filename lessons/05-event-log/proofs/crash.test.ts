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
import { transferOrder } from "./transfer-order.ts";

const database = useCrashableServer();
const program = fileURLToPath(new URL("crashing-worker.ts", import.meta.url));

const EFFECTS = ["reserve", "transfer", "notify"];

// The second names are those of an engine that writes in batches.
const APPEND = ["appendEvent", "appendEvents"];
const END = ["endRun", "endRuns"];

const POINTS: Record<string, StopPoint> = {
  "after the claim": { query: "claimTasks", when: "after" },
  "after an effect, before its event": { query: APPEND, when: "before" },
  "after an event, before its reply": { query: APPEND, when: "after" },
  "before a transaction commits": { query: "commit", when: "before" },
  "after a transaction has committed": { query: "commit", when: "after" },
  "before a heartbeat": { query: "heartbeat", when: "before", nth: 2 },
  "after a heartbeat": { query: "heartbeat", when: "after", nth: 2 },
  "before the outcome": { query: END, when: "before" },
  "after the outcome": { query: END, when: "after" },
};

// The effect that has no event yet at that point. The first heartbeat is sent before the claim, the second one while the order
// notifies.
const MAY_REPEAT: Record<string, string> = {
  "after an effect, before its event": "reserve",
  "before a transaction commits": "transfer",
  "before a heartbeat": "notify",
  "after a heartbeat": "notify",
};

describe("wherever and however a worker crashes, its task succeeds, a transaction takes effect once, and no finished step runs again", () => {
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

async function begin({ sql, ledger }: CrashSite): Promise<string> {
  await sql`create table accounts (name text, balance int)`;
  await sql`insert into accounts values ('alice', 100), ('bob', 0)`;
  return enqueue(sql, transferOrder(engine, sql, ledger), null);
}

function successor({ sql, ledger }: CrashSite): Worker {
  return new Worker(sql, { tasks: [transferOrder(engine, sql, ledger)], log: () => {} });
}

async function ending({ sql, ledger }: CrashSite, id: string) {
  const { status, output } = (await row(sql, id)) as { status: string; output: unknown };
  const accounts = await sql`select balance from accounts order by name`;
  const times = EFFECTS.map((effect) => ledger.counts().get(effect) ?? 0);
  return {
    status,
    output,
    balances: accounts.map(({ balance }) => balance),
    log: await log(sql, id),
    // One entry for each time that an effect was repeated.
    repeated: EFFECTS.flatMap((effect, index) =>
      Array(Math.max(0, (times[index] ?? 0) - 1)).fill(effect),
    ),
    missing: EFFECTS.filter((_, index) => times[index] === 0),
  };
}

function must(point: string) {
  return {
    status: "succeeded",
    output: 90,
    balances: [90, 10],
    log: ["1 reserve succeeded", "2 transfer succeeded", "3 notify succeeded"],
    repeated: expect.toSatisfy(
      (effects: string[]) =>
        effects.length <= 1 && effects.every((effect) => effect === MAY_REPEAT[point]),
    ),
    missing: [],
  };
}
