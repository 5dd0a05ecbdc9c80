import { setTimeout as pause } from "node:timers/promises";
import { say, sparkline } from "shared/console";
import type { Sql } from "shared/database";
import type { Engine, Side } from "./sides.ts";
import { untilListening } from "./until-listening.ts";

/** What a worker waits between two polls, if it is not told otherwise. */
const POLL_MS = 200;

/** After a task a worker polls more often for so long. */
const UNTIL_IDLE_MS = 400;

const WORKERS = 4;
const TASKS_EACH = 5;

/** Workers of both engines have nothing to do, and get a task now and then. */
export async function compareWaits(sql: Sql, sides: Side[]): Promise<void> {
  const moments = Array.from({ length: WORKERS }, () =>
    Array.from({ length: TASKS_EACH }, () => UNTIL_IDLE_MS + Math.random() * POLL_MS),
  );
  const started = sides.flatMap((side) => moments.map((each, nth) => startIdle(side, nth, each)));
  await untilListening(sql, WORKERS);
  const waits = await Promise.all(started.map(async ({ work }) => work()));
  say(
    `${WORKERS} workers of each lesson have had nothing to do for a while, and get a task each, ${TASKS_EACH} times.`,
  );
  say(
    `A bar is a task: a full one has waited for ${POLL_MS} ms, as long as a worker between two polls.`,
  );
  say();
  for (const [index, { lesson }] of sides.entries()) {
    const ofSide = waits.slice(index * WORKERS, (index + 1) * WORKERS).flat();
    say(`  ${lesson}  ${drawn(ofSide.toSorted((a, b) => a - b))}`);
  }
}

/** A bar for each task, and when how many had begun. */
export function drawn(waits: number[]): string {
  const sorted = waits.toSorted((a, b) => a - b);
  const half = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  const [halfMs, allMs] = [half, sorted.at(-1) ?? 0].map((ms) => Math.ceil(ms));
  return `${sparkline(waits, POLL_MS)}   half began within ${halfMs} ms, all within ${allMs} ms`;
}

/** A task, and how long it takes from asking for it until its handler begins. */
export function stopwatch(engine: Engine, name: string) {
  let begins = () => {};
  const definition = engine.task({ name, run: () => begins() });
  const wait = async (sql: Sql): Promise<number> => {
    const begun = new Promise<number>((resolve) => {
      begins = () => resolve(performance.now());
    });
    const askedAt = performance.now();
    await engine.enqueue(sql, definition, null);
    return (await begun) - askedAt;
  };
  return { definition, wait };
}

/** Until its worker has nothing to do any more, and for a part of a poll on top. */
export async function untilIdle(): Promise<void> {
  await pause(UNTIL_IDLE_MS + Math.random() * POLL_MS);
}

/** Starts a worker; `work` gives it a task after each of `pauses`, and returns how long each has waited. */
function startIdle({ engine, sql, connect }: Side, nth: number, pauses: number[]) {
  const { definition, wait } = stopwatch(engine, `greet-${nth + 1}`);
  const own = connect();
  const worker = new engine.Worker(own, { tasks: [definition], log: () => {} });
  worker.start();
  const work = async () => {
    // The first one pays for what every connection has to do once.
    await wait(sql);
    const waits: number[] = [];
    for (const ms of pauses) {
      await pause(ms);
      waits.push(await wait(sql));
    }
    await worker.stop();
    await own.end();
    return waits;
  };
  return { work };
}
