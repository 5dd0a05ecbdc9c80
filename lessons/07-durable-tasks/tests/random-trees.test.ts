import type { Sql } from "shared/database";
import { freshDatabase, randomFrom } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueueMany, type TaskDefinition, type WorkerOptions } from "#engine";
import { startWorking } from "../proofs/working.ts";
import { copyAtEveryEvent, keepMoments } from "./tree-copies.ts";
import { faults, NONE, wrongCounts } from "./tree-faults.ts";
import { countsAttempts, makeTree, races, type Tree, treeTasks } from "./trees.ts";

// `SEED=7 pnpm test` generates the same trees again.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const TREES = 150;

test("a tree resumes from each event at which it can crash: each call has one child, and no logged step runs again", async () => {
  const { sql } = await freshDatabase();
  await keepMoments(sql);
  const ran: string[] = [];
  const { tree, tasks } = treeTasks(sql, (idempotencyKey) => ran.push(idempotencyKey));
  const trees = await plant(sql, tree);
  await workAll(sql, { tasks });
  const copies = await copyAtEveryEvent(sql);
  const settledBefore = await settledSteps(sql, copies);
  ran.length = 0;
  await workAll(sql, { tasks });

  const roots = await readRoots(sql);
  const compared = copies.map((copy) => {
    const program = trees.get(copy.original) as Tree;
    const before = roots.get(copy.original) as Root;
    const after = roots.get(copy.id) as Root;
    // A branch that has won is the winner again. The end of a task lets go of the children that it still waits for.
    const isWhole = before.heard !== null && copy.events >= before.eventsBeforeEnd;
    const isSure = copy.crash === "handed back" && !races(program) && !countsAttempts(program);
    const isSame =
      isSameText(after.events.slice(0, copy.events), before.events.slice(0, copy.events)) &&
      (!(isSure || isWhole) || isSameText(after.end, before.end)) &&
      (!isWhole || isSameText(after.heard, before.heard));
    return { ...copy, isSure, isWhole, isSame, program: JSON.stringify(program), before, after };
  });
  const wrong = compared.filter(({ isSame }) => !isSame);
  if (wrong.length)
    (await import("node:fs")).writeFileSync("/tmp/w/wrong.json", JSON.stringify({ SEED, wrong }));
  expect({ SEED, wrong: wrong.length, first: wrong[0] }).toEqual({ SEED, wrong: 0 });
  // A failure in the log is final, unless the end of its attempt reopens it.
  const settledAfter = await settledSteps(sql, copies);
  const ranAgain = ran.filter((key) => {
    const seq = settledBefore.get(key);
    return seq !== undefined && seq === settledAfter.get(key);
  });
  expect({ SEED, ranAgain }).toEqual({ SEED, ranAgain: [] });
  expect({ SEED, ...(await faults(sql)) }).toEqual({ SEED, ...NONE });
  // Its log had grown since its claim, so losing its worker has cost no attempt.
  const lostAttempts = await sql`
    select id from tasks where parent_id is null and errors @> '[{"name": "WorkerLostError"}]'`;
  expect({ SEED, lostAttempts }).toEqual({ SEED, lostAttempts: [] });

  expect(copies.length).toBeGreaterThan(3 * TREES);
  expect(compared.filter(({ isSure }) => isSure).length).toBeGreaterThan(TREES / 2);
  expect(compared.filter(({ isWhole }) => isWhole).length).toBeGreaterThan(TREES / 3);
}, 300_000);

test("when tasks of a tree are cancelled at any moment, their children are cancelled, and no task is left", async () => {
  const { sql } = await freshDatabase();
  const { tree, tasks } = treeTasks(sql, () => {});
  await plant(sql, tree);
  const { chance } = randomFrom(SEED + 1);
  const cancelling: Promise<boolean>[] = [];
  // Each line of a worker's log is a moment in the life of a task.
  const log = (line: string) => {
    const [, id] = /task=(\d+)/.exec(line) ?? [];
    if (id && chance(0.1)) cancelling.push(cancel(sql, id));
  };
  await workAll(sql, { tasks, log });
  const wereCancelled = (await Promise.all(cancelling)).filter((isCancelled) => isCancelled);

  expect({ SEED, ...(await faults(sql)) }).toEqual({ SEED, ...NONE });
  expect(wereCancelled.length).toBeGreaterThan(TREES / 10);
}, 300_000);

async function plant(sql: Sql, tree: TaskDefinition<Tree, unknown>): Promise<Map<string, Tree>> {
  const trees = Array.from({ length: TREES }, (_, index) => makeTree(SEED + 1_000 * index));
  const ids = await enqueueMany(
    sql,
    tree,
    trees.map((input) => ({ input })),
  );
  return new Map(ids.map((id, index) => [id, trees[index] as Tree]));
}

/** Two workers run tasks until all have ended and no task has open children. The counts of open children are always right. */
async function workAll(sql: Sql, options: WorkerOptions): Promise<void> {
  const workers = [1, 2].map(() =>
    // A reply that takes a quarter of the lease costs an attempt, and so many tasks are slow.
    startWorking(sql, { slots: 50, heartbeatIntervalMs: 100, leaseMs: 120_000, ...options }),
  );
  const wrong: unknown[] = [];
  const look = async () => {
    wrong.push(...(await wrongCounts(sql)));
    const left = await sql`
      select status, count(*)::int as tasks, sum(open_children)::int as open_children from tasks
      where status in ('queued', 'running', 'suspended') or open_children > 0
      group by status`.catch(() => undefined);
    return { SEED, left };
  };
  await expect.poll(look, { timeout: 120_000, interval: 100 }).toEqual({ SEED, left: [] });
  expect({ SEED, wrong }).toEqual({ SEED, wrong: [] });
  await Promise.all(workers.map((worker) => worker.stop()));
}

/** The steps that are settled in the logs of these tasks and all tasks below them: idempotency keys, with the event's seq. */
async function settledSteps(sql: Sql, copies: { id: string }[]): Promise<Map<string, number>> {
  const rows = await sql`
    with recursive below as (
      select id from tasks where id = any (${copies.map(({ id }) => id)}::bigint[])
      union all
      select tasks.id from below join tasks on parent_id = below.id
    )
    select key, seq
    from (
      select distinct on (task_id, position) task_id || '/' || position as key, seq, events.status
      from events
      join below on id = task_id
      where kind = 'step'
      order by task_id, position, seq desc
    ) as last
    where status in ('succeeded', 'failed')`;
  return new Map(rows.map(({ key, seq }) => [key, seq]));
}

type Root = {
  /** Its status, and its output or the message of its error. */
  end: unknown;
  /** Null if it has not succeeded. */
  heard: string[] | null;
  events: unknown[];
  /** Without the events that the statement that ended it has appended. */
  eventsBeforeEnd: number;
};

async function readRoots(sql: Sql): Promise<Map<string, Root>> {
  const rows = await sql`
    select id, tasks.status, tasks.output, tasks.error ->> 'message' as message,
           json_agg(json_build_array(
             position, kind, events.name, input_hash, events.attempt, events.status, events.output, events.error ->> 'message'
           ) order by seq) filter (where seq is not null) as events,
           coalesce(max(seq) filter (where events.status <> 'reopened'), 0) as events_before_end
    from tasks
    left join events on task_id = id
    where parent_id is null
    group by id`;
  return new Map(
    rows.map(({ id, status, output, message, events, eventsBeforeEnd }) => {
      const end = [status, output?.output ?? null, message && withoutIds(message)];
      const heard = output?.heard ?? null;
      return [id, { end, heard, events: events ?? [], eventsBeforeEnd }];
    }),
  );
}

function withoutIds(message: string): string {
  return message.replaceAll(/Task \d+/g, "Task");
}

function isSameText(a: unknown, b: unknown): boolean {
  return withoutIds(JSON.stringify(a)) === withoutIds(JSON.stringify(b));
}
