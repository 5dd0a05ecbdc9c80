import type { Size, WorkloadName } from "./job.ts";

/** One figure of a workload. */
export type Metric = {
  key: string;
  /** Its name and unit. */
  label: string;
  better: "more" | "less";
};

export type Workload = {
  name: WorkloadName;
  title: string;
  /** A description, without capital and full stop. */
  what: string;
  metrics: Metric[];
  /** The amounts of work. Each is measured in a database of its own. */
  sizes: Record<"full" | "quick", Size[]>;
  /** How much of it the worker does in another database before the clock starts. Default: no warm-up. */
  warmUp?: Size;
  /** Whether to measure the default configurations too, not only the best ones. */
  withDefaults: boolean;
  /** The time limit. The figures of a run that reaches it are those of the work done by then. */
  capMs: Record<"full" | "quick", number>;
};

/** A metric of every workload: the peak memory of the worker's process, warm-up included. */
export const PEAK: Metric = { key: "peakBytes", label: "peak MB", better: "less" };

const NONE = { steps: 0, children: 0 };
const CAP = { full: 30_000, quick: 3_000 };

/** The time limit of a warm-up. */
export const WARM_UP_MS = { full: 3_000, quick: 1_000 };

export const workloads: Workload[] = [
  {
    name: "drain",
    title: "Queue drain",
    what: "no-op tasks, all queued before the clock starts, one worker process",
    metrics: [{ key: "perSecond", label: "tasks/s", better: "more" }],
    sizes: { full: [{ tasks: 20_000, ...NONE }], quick: [{ tasks: 5_000, ...NONE }] },
    warmUp: { tasks: 10_000, ...NONE },
    withDefaults: true,
    capMs: CAP,
  },
  {
    name: "steps",
    title: "Durable steps",
    what: "durable tasks of five steps each, 100 at a time",
    metrics: [{ key: "perSecond", label: "steps/s", better: "more" }],
    sizes: {
      full: [{ tasks: 1_000, steps: 5, children: 0 }],
      quick: [{ tasks: 400, steps: 5, children: 0 }],
    },
    warmUp: { tasks: 1_000, steps: 5, children: 0 },
    withDefaults: true,
    capMs: CAP,
  },
  {
    name: "children",
    title: "Children",
    what: "parents that start ten children each and wait for them",
    metrics: [{ key: "perSecond", label: "children/s", better: "more" }],
    sizes: {
      full: [{ tasks: 100, steps: 0, children: 10 }],
      quick: [{ tasks: 50, steps: 0, children: 10 }],
    },
    warmUp: { tasks: 100, steps: 0, children: 10 },
    withDefaults: true,
    capMs: CAP,
  },
  {
    name: "latency",
    title: "Pick-up latency",
    what: "one task every 100 ms for an idle worker, from just before the task is enqueued until its handler starts",
    metrics: [
      { key: "p50Ms", label: "p50 ms", better: "less" },
      { key: "p99Ms", label: "p99 ms", better: "less" },
    ],
    sizes: {
      full: [{ tasks: 200, everyMs: 100, ...NONE }],
      quick: [{ tasks: 20, everyMs: 100, ...NONE }],
    },
    // Without `everyMs`: all tasks are enqueued before the worker starts.
    warmUp: { tasks: 200, ...NONE },
    withDefaults: true,
    capMs: { full: 25_000, quick: 6_000 },
  },
  {
    name: "resume",
    title: "Resume",
    what: "one task whose worker was killed in its last step, when all other steps were stored",
    metrics: [{ key: "ms", label: "ms", better: "less" }],
    sizes: {
      full: [{ tasks: 1, steps: 2_001, children: 0 }],
      quick: [{ tasks: 1, steps: 501, children: 0 }],
    },
    // No warm-up: after a crash, a process that has just started resumes the task.
    withDefaults: false,
    capMs: { full: 60_000, quick: 20_000 },
  },
  {
    name: "depth",
    title: "Depth",
    what: "claim and complete 5,000 tasks of a long queue and of a short one, freshly loaded and never analyzed",
    metrics: [{ key: "ratio", label: "cost, many : few", better: "less" }],
    sizes: {
      full: [
        { tasks: 10_000, enough: 5_000, ...NONE },
        { tasks: 1_000_000, enough: 5_000, ...NONE },
      ],
      quick: [
        { tasks: 10_000, enough: 5_000, ...NONE },
        { tasks: 100_000, enough: 5_000, ...NONE },
      ],
    },
    warmUp: { tasks: 5_000, ...NONE },
    withDefaults: false,
    capMs: { full: 60_000, quick: 20_000 },
  },
];
