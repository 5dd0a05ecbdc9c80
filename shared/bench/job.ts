/** What a contestant is asked to do. */
export type WorkloadName = "drain" | "steps" | "children" | "latency" | "resume" | "depth";

/** How much of it. */
export type Size = {
  /** Tasks that are queued before the clock starts, or one by one while it runs. */
  tasks: number;
  /** Steps of each durable task. */
  steps: number;
  /** Children of each durable task. */
  children: number;
  /** How many tasks are to be done before the clock stops; all if left out. */
  enough?: number;
  /** How long after one another tasks are enqueued while the clock runs. */
  everyMs?: number;
};

/** One run of one contestant, as its processes are told. */
export type Job = {
  workload: WorkloadName;
  size: Size;
  /** The file of its adapter. */
  adapter: string;
  /** The lesson whose engine it is, if it is one of ours: its folder, and what was built from its engine. */
  lesson?: { folder: string; engine: string };
  /** What its configuration says, for its adapter alone. */
  options: Record<string, unknown>;
  /** Of a database that nothing else uses. */
  url: string;
  /** The last step of a task never ends in this process. */
  hangsAtLastStep: boolean;
  /** A file that takes down each step that runs, and outlives the process. */
  ledger?: string;
  /** What its worker does before, for so long at most; nothing if left out. */
  warmUp?: Job & { atMostMs: number };
};

/** What every task is given: its number, and when it was enqueued if that is of interest. */
export type Input = { n: number; at?: number };

/** How often each thing was done, by the handlers' own count. Children have numbers of their own. */
export type Tally = { tasks: number[]; steps: number[]; children: number[] };

/** What a process that has worked says at its end. */
export type Report = {
  tally: Tally;
  /** How long after it was enqueued each task was started. */
  latenciesMs: number[];
  /** When the last thing that was needed was done, by `clockMs`. */
  enoughAtMs: number | undefined;
  /** The most memory that the process has held since it was started, its warm-up included. */
  peakBytes: number;
  /** Whether the engine has stopped in time, and so has written down all that it ran. */
  drained: boolean;
};

/** A clock that all processes of a machine share, in milliseconds since some moment. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
