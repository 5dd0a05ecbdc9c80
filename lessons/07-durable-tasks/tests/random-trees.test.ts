import type { Sql } from "shared/database";
import { freshDatabase, randomFrom } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueueMany, type TaskDefinition, type WorkerOptions } from "#engine";
import { startWorking } from "../proofs/working.ts";
import { copyAtEveryEvent, keepMoments } from "./tree-copies.ts";
import { countsAttempts, makeTree, races, type Tree, treeTasks } from "./trees.ts";

// `SEED=7 pnpm test` makes the same trees again.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const TREES = 150;

test("a tree goes on from every event it can crash at: each call has one child, and no step that the log holds runs again", async () => {
  const { sql } = await freshDatabase();
  await keepMoments(sql);
  const ran: string[] = [];
  const { tree, tasks } = treeTasks(sql, (idempotencyKey) => ran.push(idempotencyKey));
  const trees = await plant(sql, tree);
  await workAll(sql, { tasks });
  const copies = await copyAtEveryEvent(sql);
  const settled = await settledSteps(sql, copies);
  ran.length = 0;
  await workAll(sql, { tasks });

  const roots = await readRoots(sql);
  const compared = copies.map((copy) => {
    const program = trees.get(copy.original) as Tree;
    const before = roots.get(copy.original) as Root;
    const after = roots.get(copy.id) as Root;
    // Who loses a worker has an attempt less, which may have been the last.
    const mayBeLast = copy.crash === "lost" && countsAttempts(program);
    // Whatever had won stays the winner. A failure that nobody went on from is no such thing.
    const isWhole = copy.events === before.events.length && before.told !== null && !mayBeLast;
    const isSure = copy.crash === "handed back" && !races(program) && !countsAttempts(program);
    const cameAsItMust = copy.isLast
      ? isSameText(after.came, LOST)
      : (!(isSure || isWhole) || isSameText(after.came, before.came)) &&
        (!isWhole || isSameText(after.told, before.told));
    const isSame =
      isSameText(after.events.slice(0, copy.events), before.events.slice(0, copy.events)) &&
      cameAsItMust;
    return { ...copy, isSure, isSame, program: JSON.stringify(program), before, after };
  });
  const wrong = compared.filter(({ isSame }) => !isSame);
  expect({ SEED, wrong: wrong.length, first: wrong[0] }).toEqual({ SEED, wrong: 0 });
  expect({ SEED, ranAgain: ran.filter((key) => settled.has(key)) }).toEqual({ SEED, ranAgain: [] });
  expect({ SEED, ...(await faults(sql)) }).toEqual({ SEED, ...NONE });

  expect(copies.length).toBeGreaterThan(3 * TREES);
  expect(compared.filter(({ isSure }) => isSure).length).toBeGreaterThan(TREES / 2);
}, 300_000);

test("whenever tasks of a tree are cancelled, it is cancelled all the way down, and nothing is left of it", async () => {
  const { sql } = await freshDatabase();
  const { tree, tasks } = treeTasks(sql, () => {});
  await plant(sql, tree);
  const { chance } = randomFrom(SEED + 1);
  const cancelling: Promise<boolean>[] = [];
  // Each line of the workers is a moment in the life of the task that it names.
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

/** Two workers run all there is to run, until no task is left, nor any child that its parent is to be told of. */
async function workAll(sql: Sql, options: WorkerOptions): Promise<void> {
  const workers = [1, 2].map(() =>
    startWorking(sql, { slots: 50, heartbeatIntervalMs: 100, ...options }),
  );
  const look = async () => {
    const left = await sql`
      select status, count(*)::int as tasks, sum(open_children)::int as open_children from tasks
      where status in ('queued', 'running', 'suspended') or open_children > 0
      group by status`.catch(() => undefined);
    return { SEED, left };
  };
  await expect.poll(look, { timeout: 120_000, interval: 100 }).toEqual({ SEED, left: [] });
  await Promise.all(workers.map((worker) => worker.stop()));
}

/** The idempotency keys of the steps that the logs of these tasks, and of all below them, hold. */
async function settledSteps(sql: Sql, copies: { id: string }[]): Promise<Set<string>> {
  const rows = await sql`
    with recursive below as (
      select id from tasks where id = any (${copies.map(({ id }) => id)}::bigint[])
      union all
      select tasks.id from below join tasks on parent_id = below.id
    )
    select distinct task_id || '/' || position as key
    from events
    join below on id = task_id
    where kind = 'step' and events.status in ('succeeded', 'caught')`;
  return new Set(rows.map(({ key }) => key));
}

type Root = { came: unknown; told: string[] | null; events: unknown[] };

async function readRoots(sql: Sql): Promise<Map<string, Root>> {
  const rows = await sql`
    select id, tasks.status, tasks.output, tasks.error ->> 'message' as message,
           json_agg(json_build_array(
             position, kind, events.name, input_hash, events.attempt, events.status, events.output, events.error ->> 'message'
           ) order by seq) filter (where seq is not null) as events
    from tasks
    left join events on task_id = id
    where parent_id is null
    group by id`;
  return new Map(
    rows.map(({ id, status, output, message, events }) => {
      const came = [status, output?.output ?? null, message && withoutIds(message)];
      const told = output?.told ?? null;
      return [id, { came, told, events: (events ?? []).map(([...event]) => event) }];
    }),
  );
}

const LOST = ["failed", null, "Worker dead was lost during attempt 3 of 3"];

const NONE = { alarms: [], unfinished: [], calls: [], disagreements: [], strangers: [] };

/** What must not be, in any task: each list is empty. */
async function faults(sql: Sql): Promise<Record<keyof typeof NONE, unknown[]>> {
  const [alarms, unfinished, calls, disagreements, strangers] = await Promise.all([
    sql`select id, error ->> 'message' as message from tasks where error ->> 'name' = 'NonDeterminismError'`,
    sql`
      select id, status, open_children from tasks
      where status not in ('succeeded', 'failed', 'cancelled') or open_children <> 0`,
    // A call has one child, however often it is tried.
    sql`
      select task_id, position, count(distinct child_id) as children
      from events where child_id is not null
      group by task_id, position having count(distinct child_id) <> 1`,
    // What a log says last of a child is what has become of it.
    sql`
      select child_id, last.status as told, tasks.status from (
        select distinct on (task_id, child_id) child_id, status
        from events where child_id is not null and status <> 'caught'
        order by task_id, child_id, seq desc
      ) as last
      join tasks on id = child_id
      where case tasks.status
        when 'succeeded' then last.status <> 'succeeded'
        when 'failed' then last.status <> 'failed'
        else last.status not in ('failed', 'abandoned')
      end`,
    sql`
      select id, parent_id from tasks
      where parent_id is not null
        and not exists (select from events where task_id = parent_id and child_id = tasks.id)`,
  ]);
  return { alarms, unfinished, calls, disagreements, strangers };
}

function withoutIds(message: string): string {
  return message.replaceAll(/Task \d+/g, "Task");
}

function isSameText(a: unknown, b: unknown): boolean {
  return withoutIds(JSON.stringify(a)) === withoutIds(JSON.stringify(b));
}
