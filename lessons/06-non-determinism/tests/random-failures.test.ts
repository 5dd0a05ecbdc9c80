import type { Sql } from "shared/database";
import { freshDatabase, randomFrom } from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, type TaskContext, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { makeProgram, type Program } from "../proofs/programs.ts";
import { runProgram } from "../proofs/run-program.ts";

// `SEED=7 pnpm test` makes the same programs again.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const PROGRAMS = 300;
const ATTEMPTS = 4;
// The first attempt of a task attempts a step twice, and each later one once.
const FAILURES = [0, 0, 1, 2, 2, 3, 4, Number.MAX_SAFE_INTEGER];

/** What a handler has seen in one attempt of its task. */
type Attempt = {
  made: number;
  /** By position: the number of calls that it had made when it got the failure. */
  failed: Map<number, number>;
  /** The positions of the steps that ran. */
  ran: Set<number>;
};

type Task = { runs: number; failures: number; log: { position: number; status: string }[] };

test("a failure that a program has built upon is final, and a failure that failed its attempt is reopened", async () => {
  const { sql } = await freshDatabase();
  const attempts = new Map<string, Attempt[]>();
  const execution = durableTask({
    name: "execution",
    retry: { maxAttempts: ATTEMPTS, backoffMs: 0 },
    run: async ({ program, isThrown }: { program: Program; isThrown: boolean }, context) => {
      const attempt: Attempt = { made: 0, failed: new Map(), ran: new Set() };
      attempts.set(context.taskId, [...(attempts.get(context.taskId) ?? []), attempt]);
      await runProgram(program, watched(context, attempt), { made: [], settled: [] });
      // It may have caught failures, but made no call since.
      if (isThrown) throw new Error("thrown at the end");
    },
  });
  const inputs = Array.from({ length: PROGRAMS }, (_, index) => {
    const random = randomFrom(SEED + 1_000 * index);
    return { input: { program: makeProgram(random, FAILURES), isThrown: random.chance(0.3) } };
  });
  await enqueueMany(sql, execution, inputs);
  // If a final failure were reopened, a later run could leave out a call of its log.
  const options = { slots: 200, batchSize: 200, stallMs: 5_000, log: () => {} };
  const worker = new Worker(sql, { tasks: [execution], ...options });

  const wrong: unknown[] = [];
  const counts = { reopened: 0, final: 0 };
  let before = await readTasks(sql);
  while ((await worker.tick()) > 0) {
    const after = await readTasks(sql);
    for (const [id, task] of after) {
      const { log, runs, failures } = before.get(id) as Task;
      if (task.runs === runs) continue;
      const attempt = attempts.get(id)?.[runs] as Attempt;
      const added = task.log.slice(log.length);
      const atEnd = [...log, ...added.filter(({ status }) => status !== "reopened")];
      const expected = oracle(last(atEnd, "failed"), task.failures > failures, attempt);
      counts.reopened += expected.reopened.length;
      counts.final += expected.final.length;
      const isDone = last(log, "succeeded", "failed");
      const actual = {
        reopened: positionsOf(added, "reopened"),
        ranAgain: isDone.filter((position) => attempt.ran.has(position)),
      };
      const isRight = isSame(actual, { reopened: expected.reopened, ranAgain: [] });
      if (!isRight) wrong.push({ id, expected, actual, log, task, attempt });
    }
    before = after;
  }
  expect({ SEED, wrong: wrong.length, first: wrong[0] }).toEqual({ SEED, wrong: 0 });
  expect(Math.min(counts.reopened, counts.final)).toBeGreaterThan(PROGRAMS / 3);
}, 300_000);

/** Which of the failures in the log are reopened after an attempt, judged from what the handler has seen alone. */
function oracle(failures: number[], hasFailed: boolean, { failed, made }: Attempt) {
  // A failure that the handler has not got is not built upon.
  const isReopened = (position: number) => hasFailed && made === (failed.get(position) ?? made);
  return {
    reopened: failures.filter(isReopened),
    final: failures.filter((position) => !isReopened(position)),
  };
}

/** The context of a handler, which records what the handler sees in this attempt. */
function watched(context: TaskContext, attempt: Attempt): TaskContext {
  const counted = <Call extends (...values: never[]) => unknown>(call: Call): Call =>
    ((...values) => {
      attempt.made += 1;
      return call(...values);
    }) as Call;
  const step: TaskContext["step"] = (name, run, options) => {
    attempt.made += 1;
    const position = attempt.made;
    const recordedRun: typeof run = (info) => {
      attempt.ran.add(position);
      return run(info);
    };
    const settled = context.step(name, recordedRun, options);
    settled.catch(() => attempt.failed.set(position, attempt.made));
    return settled;
  };
  const { taskId, attempt: number, signal, transaction } = context;
  return {
    taskId,
    attempt: number,
    signal,
    transaction,
    step,
    now: counted(context.now),
    random: counted(context.random),
    uuid: counted(context.uuid),
    patched: counted(context.patched),
  };
}

async function readTasks(sql: Sql): Promise<Map<string, Task>> {
  const rows = await sql<({ id: string } & Task)[]>`
    select id, fence as runs, jsonb_array_length(coalesce(tasks.errors, '[]')) as failures,
           coalesce(json_agg(json_build_object('position', position, 'status', events.status) order by seq)
             filter (where seq is not null), '[]') as log
    from tasks
    left join events on task_id = id
    group by id
    order by id`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** The positions whose last event has one of these statuses, in order. */
function last(log: Task["log"], ...statuses: string[]): number[] {
  const lastEvents = new Map(log.map((event) => [event.position, event]));
  return positionsOf([...lastEvents.values()], ...statuses);
}

function positionsOf(events: Task["log"], ...statuses: string[]): number[] {
  return events
    .filter(({ status }) => statuses.includes(status))
    .map(({ position }) => position)
    .sort((a, b) => a - b);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
