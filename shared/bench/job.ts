export type WorkloadName = "drain" | "steps" | "children" | "latency" | "resume" | "depth";

/** How much work a run is. */
export type Size = {
  /** Tasks, enqueued before the clock starts, or one by one while it runs. */
  tasks: number;
  /** Steps in each durable task. */
  steps: number;
  /** Children of each durable task. */
  children: number;
  /** How many tasks must be done before the clock stops. Default: all. */
  enough?: number;
  /** The interval at which tasks are enqueued while the clock runs. Default: all are enqueued before. */
  everyMs?: number;
};

/** One measurement of one contestant, as its child processes receive it. */
export type BenchJob = {
  workload: WorkloadName;
  size: Size;
  /** The name of the adapter's file in `adapters/`. */
  adapter: string;
  /** The folder of the lesson and the file of its built engine, if the contestant is a lesson. */
  lesson?: { folder: string; engine: string };
  /** The options of the configuration. Only the adapter knows their type. */
  options: Record<string, unknown>;
  /** The URL of a database that nothing else uses. */
  url: string;
  /** Whether the last step of a task never ends in this process. */
  hangsAtLastStep: boolean;
  /** The file in which each step that runs is recorded. It outlives the process. */
  ledger?: string;
  /** The job that warms up the worker, and its time limit. Default: no warm-up. */
  warmUp?: BenchJob & { atMostMs: number };
};

/** The input of every task: its number and, for the latency, when it was enqueued (by `clockMs`). */
export type Input = { n: number; at?: number };

/** How often each task, step and child ran, counted by the handlers and indexed by its number. */
export type Tally = { tasks: number[]; steps: number[]; children: number[] };

/** What a worker process sends when it has stopped. */
export type Report = {
  tally: Tally;
  /** The time from enqueueing to the start of the handler, for each task. */
  latenciesMs: number[];
  /** When the last required task, step or child ran, by `clockMs`. */
  enoughAtMs: number | undefined;
  /** The peak memory of the process since it was started, warm-up included. */
  peakBytes: number;
  /** Whether the engine stopped within its time limit, and so has stored the outcome of everything that it ran. */
  drained: boolean;
};

/** Returns the milliseconds since an arbitrary moment, the same for all processes of the machine. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
