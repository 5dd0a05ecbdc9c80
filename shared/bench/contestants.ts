import { findLessons } from "../tools/lessons/lessons.ts";
import type { WorkloadName } from "./job.ts";

export type Kind = "raw" | "ours" | "queue" | "durable";

export type Configuration = {
  name: "best" | "default";
  options: Record<string, unknown>;
  /** In a few words, for the tables. */
  says: string;
};

export type Contestant = {
  name: string;
  kind: Kind;
  /** Its file in `adapters/`. */
  adapter: string;
  /** Of its package, as the lockfile holds it. */
  package?: string;
  /** The folder of a lesson. */
  lesson?: string;
  /** Whether a quick run leaves it out unless it is named. */
  notInQuick?: boolean;
  workloads: WorkloadName[];
  configurations: Configuration[];
  /** Why it is left out of this benchmark, if it is. */
  leftOut?: string;
  /** What a reader of the tables should know. */
  note?: string;
};

const QUEUE: WorkloadName[] = ["drain", "latency"];
const DURABLE: WorkloadName[] = [...QUEUE, "steps", "children", "resume"];

/** All that can be measured here, ours in the order of the lessons. */
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
      options: { lanes: 4, group: 250 },
      says: "4 connections, groups of 250, each statement planned once",
    },
  ],
};

type LessonOptions = {
  pool: number;
  planOnce?: boolean;
  worker: Record<string, unknown>;
  /** Instead of those, for durable tasks: everybody has as many of them under way at once. */
  durable?: Record<string, unknown>;
};

const AS_LESSON_07: LessonOptions = { pool: 10, worker: { slots: 100, batchSize: 100 } };

/** Of those that gain by another one than lesson 07's. */
const LESSON_BEST: Record<string, LessonOptions> = {
  // No slots: it runs all that it claims.
  "02": { pool: 10, worker: { batchSize: 200 } },
  // One batch runs while the next is claimed.
  "08": {
    pool: 2,
    planOnce: true,
    worker: { slots: 1_000, batchSize: 500 },
    durable: { slots: 100 },
  },
};

function lessons(): Contestant[] {
  const measured = findLessons().filter(({ number }) => number >= "02");
  return measured.map(({ number, path: lesson }) => {
    const options = LESSON_BEST[number] ?? AS_LESSON_07;
    return {
      name: `lesson ${number}`,
      kind: "ours",
      adapter: "lesson",
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

// https://worker.graphile.org/docs/performance: what its authors measure with. Their page says of `localQueue` that it
// can help "by an order of magnitude", and advises everybody to batch completions, "even if they are set to 0".
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
      says: "24 jobs at once, local queue of 500, batched completion",
    },
    { name: "default", options: {}, says: "one job at once" },
  ],
};

// Its documentation of `work()`: a batch is fetched, and completed, with one statement; `burstWhenBatchFull` fetches the
// next one without delay while there is more; with `useListenNotify` and the queue's `notify` a job wakes the worker.
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

// https://docs.dbos.dev/typescript/reference/queues: a queue's `workerConcurrency` limits what one process runs,
// `minPollingIntervalMs` is how often it looks. Its pool has ten connections unless told otherwise.
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
      says: "100 workflows at once, polls every 10 ms, pool of 20",
    },
    { name: "default", options: {}, says: "no limit, polls every second" },
  ],
};

// https://openworkflow.dev/docs/production: "start with `concurrency: 10` and adjust"; more is not to be set.
const openWorkflow: Contestant = {
  name: "OpenWorkflow",
  kind: "durable",
  adapter: "openworkflow",
  package: "openworkflow",
  workloads: DURABLE.filter((workload) => workload !== "resume"),
  configurations: [
    { name: "best", options: { concurrency: 100 }, says: "100 workflows at once" },
    { name: "default", options: {}, says: "one workflow at once" },
  ],
  note: "takes no part in the resume: a run may have 1,000 steps at most",
};

/** Its worker claims as many tasks at once as it may run; it looks again after `pollInterval` seconds. */
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
        says: "100 tasks at once, polls every 10 ms",
      },
      { name: "default", options: {}, says: "one task at once, polls every 250 ms" },
    ],
    ...(!process.env.ABSURD_SQL && {
      leftOut: "its schema is not in a package; set ABSURD_SQL to its sql/absurd.sql",
    }),
  };
}

function saysOf({ pool, planOnce, worker }: LessonOptions): string {
  const options = Object.entries(worker).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [...options, `pool of ${pool}`, ...(planOnce ? ["each statement planned once"] : [])].join(
    ", ",
  );
}
