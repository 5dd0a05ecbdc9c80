import type { Size, WorkloadName } from "./job.ts";

/** One figure of a workload. */
export type Metric = {
  key: string;
  /** What it is, and in what. */
  label: string;
  better: "more" | "less";
};

export type Workload = {
  name: WorkloadName;
  title: string;
  what: string;
  metrics: Metric[];
  /** Each is a run of its own, in a database of its own. */
  sizes: Record<"full" | "quick", Size[]>;
  /** How much of it the worker does in another database before the clock starts; nothing if left out. */
  warmUp?: Size;
  /** Whether default configurations are measured too, or only the best ones. */
  withDefaults: boolean;
  /** How long the clock runs at most; what was done by then counts. */
  capMs: Record<"full" | "quick", number>;
};

/** Of every workload: the most memory that the worker's process held at once, its warm-up included. */
export const PEAK: Metric = { key: "peakBytes", label: "peak MB", better: "less" };

const NONE = { steps: 0, children: 0 };
const CAP = { full: 30_000, quick: 3_000 };

/** How long a warm-up takes at most. */
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
    what: "durable tasks of five steps, 100 at a time",
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
    what: "one task every 100 ms for an idle worker, from just before it is sent to its handler's start",
    metrics: [
      { key: "p50Ms", label: "p50 ms", better: "less" },
      { key: "p99Ms", label: "p99 ms", better: "less" },
    ],
    sizes: {
      full: [{ tasks: 200, everyMs: 100, ...NONE }],
      quick: [{ tasks: 20, everyMs: 100, ...NONE }],
    },
    // All queued beforehand, one after the other.
    warmUp: { tasks: 200, ...NONE },
    withDefaults: true,
    capMs: { full: 25_000, quick: 6_000 },
  },
  {
    name: "resume",
    title: "Resume",
    what: "one task whose worker was killed before its last step, all others finished",
    metrics: [{ key: "ms", label: "ms", better: "less" }],
    sizes: {
      full: [{ tasks: 1, steps: 2_001, children: 0 }],
      quick: [{ tasks: 1, steps: 501, children: 0 }],
    },
    // No warm-up: who resumes a task of a dead process is a process that has just been started.
    withDefaults: false,
    capMs: { full: 60_000, quick: 20_000 },
  },
  {
    name: "depth",
    title: "Depth",
    what: "claim and complete 5,000 tasks of many against 5,000 of few, freshly loaded and never analyzed",
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
