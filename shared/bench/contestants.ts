import { findLessons } from "../tools/lessons/lessons.ts";
import type { WorkloadName } from "./job.ts";

export type Kind = "raw" | "ours" | "queue" | "durable";

export type Configuration = {
  name: "best" | "default";
  options: Record<string, unknown>;
  /** A short description, for the tables. */
  says: string;
};

export type Contestant = {
  name: string;
  kind: Kind;
  /** The name of its file in `adapters/`. */
  adapter: string;
  /** The name of its package, whose version the lockfile pins. */
  package?: string;
  /** The folder of the lesson, for a lesson. */
  lesson?: string;
  /** Whether `--quick` skips it unless `--contestants` names it. */
  notInQuick?: boolean;
  workloads: WorkloadName[];
  configurations: Configuration[];
  /** Why it cannot be measured on this machine, if so. */
  leftOut?: string;
  /** A remark for the tables, which follows the contestant's name. */
  note?: string;
};

const QUEUE: WorkloadName[] = ["drain", "latency"];
const DURABLE: WorkloadName[] = [...QUEUE, "steps", "children", "resume"];

/** Returns every contestant, the lessons in their order. */
export function findContestants(): Contestant[] {
  return [raw, ...lessons(), graphileWorker, pgBoss, dbos, openWorkflow, absurd()];
}

const raw: Contestant = {
  name: "raw SQL",
  kind: "raw",
  adapter: "raw",
  workloads: [...QUEUE, "steps", "depth"],
  configurations: [
    {
      name: "best",
      options: { lanes: 4, batch: 250 },
      says: "4 connections, batches of 250, each statement planned once",
    },
  ],
};

type LessonOptions = {
  pool: number;
  planOnce?: boolean;
  worker: Record<string, unknown>;
  /** Overrides of `worker` for durable tasks: every engine runs the same number of them concurrently. */
  durable?: Record<string, unknown>;
};

/** The best configuration, by the first lesson that it is for. */
const BEST_FROM_LESSON: Record<string, LessonOptions> = {
  // It has no slots, and runs every task that it claims.
  "02": { pool: 10, worker: { batchSize: 200 } },
  "03": { pool: 10, worker: { slots: 100, batchSize: 100 } },
  // It runs one batch while it claims the next.
  "08": {
    pool: 2,
    planOnce: true,
    worker: { slots: 1_000, batchSize: 500 },
    durable: { slots: 100 },
  },
};

function bestOf(lesson: string): LessonOptions {
  const from = Object.keys(BEST_FROM_LESSON)
    .sort()
    .findLast((first) => first <= lesson);
  return BEST_FROM_LESSON[from as string] as LessonOptions;
}

function lessons(): Contestant[] {
  const measured = findLessons().filter(({ number }) => number >= "02");
  return measured.map(({ number, path: lesson }) => {
    const options = bestOf(number);
    return {
      name: `lesson ${number}`,
      kind: "ours",
      adapter: "lesson-engine",
      lesson,
      notInQuick: number !== measured.at(-1)?.number,
      workloads: workloadsOfLesson(number),
      configurations: [
        { name: "best", options, says: saysOf(options) },
        { name: "default", options: {}, says: "its defaults" },
      ],
    };
  });
}

function workloadsOfLesson(number: string): WorkloadName[] {
  return [
    ...QUEUE,
    "depth",
    ...(number >= "05" ? (["steps", "resume"] as const) : []),
    ...(number >= "07" ? (["children"] as const) : []),
  ];
}

// https://worker.graphile.org/docs/performance: the configuration of its authors' own benchmark. The page says that
// `localQueue` can help "by an order of magnitude", and recommends batching completions, "even if they are set to 0".
const graphileWorker: Contestant = {
  name: "graphile-worker",
  kind: "queue",
  adapter: "graphile-worker",
  package: "graphile-worker",
  workloads: QUEUE,
  configurations: [
    {
      name: "best",
      options: {
        concurrentJobs: 24,
        maxPoolSize: 25,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
      says: "24 jobs at a time, local queue of 500, batched completion",
    },
    { name: "default", options: {}, says: "one job at a time" },
  ],
};

// From its documentation of `work()`: one statement fetches a batch, and one completes it; `burstWhenBatchFull` fetches
// the next batch at once after a full one; with `useListenNotify` and the queue's `notify`, a new job wakes the worker.
const pgBoss: Contestant = {
  name: "pg-boss",
  kind: "queue",
  adapter: "pg-boss",
  package: "pg-boss",
  workloads: QUEUE,
  configurations: [
    {
      name: "best",
      options: {
        boss: { useListenNotify: true },
        queue: { notify: true },
        work: { batchSize: 500, burstWhenBatchFull: true, localConcurrency: 2 },
      },
      says: "batches of 500, burstWhenBatchFull, two workers, LISTEN/NOTIFY",
    },
    { name: "default", options: {}, says: "one job every two seconds" },
  ],
};

// https://docs.dbos.dev/typescript/reference/queues: `workerConcurrency` limits the workflows of a queue that one
// process runs concurrently; `minPollingIntervalMs` is its shortest poll interval. Its pool has ten connections by default.
const dbos: Contestant = {
  name: "DBOS",
  kind: "durable",
  adapter: "dbos",
  package: "@dbos-inc/dbos-sdk",
  workloads: DURABLE,
  configurations: [
    {
      name: "best",
      options: {
        queue: { workerConcurrency: 100, minPollingIntervalMs: 10 },
        pool: 20,
      },
      says: "100 workflows at a time, polls every 10 ms, pool of 20",
    },
    { name: "default", options: {}, says: "no limit, polls every second" },
  ],
};

// https://openworkflow.dev/docs/production: "start with `concurrency: 10` and adjust". It has no other option.
const openWorkflow: Contestant = {
  name: "OpenWorkflow",
  kind: "durable",
  adapter: "openworkflow",
  package: "openworkflow",
  workloads: DURABLE.filter((workload) => workload !== "resume"),
  configurations: [
    { name: "best", options: { concurrency: 100 }, says: "100 workflows at a time" },
    { name: "default", options: {}, says: "one workflow at a time" },
  ],
  note: "is not measured in resume: it allows at most 1,000 steps in a run",
};

/** A worker claims up to `concurrency` tasks in one statement, and polls every `pollInterval` seconds. */
function absurd(): Contestant {
  return {
    name: "Absurd",
    kind: "durable",
    adapter: "absurd",
    package: "absurd-sdk",
    workloads: DURABLE,
    configurations: [
      {
        name: "best",
        options: { concurrency: 100, pollInterval: 0.01 },
        says: "100 tasks at a time, polls every 10 ms",
      },
      { name: "default", options: {}, says: "one task at a time, polls every 250 ms" },
    ],
    ...(!process.env.ABSURD_SQL && {
      leftOut: "no package contains its schema; set ABSURD_SQL to its sql/absurd.sql",
    }),
  };
}

function saysOf({ pool, planOnce, worker }: LessonOptions): string {
  const options = Object.entries(worker).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [...options, `pool of ${pool}`, ...(planOnce ? ["each statement planned once"] : [])].join(
    ", ",
  );
}
