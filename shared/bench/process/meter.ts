import { Ledger } from "../../runtime/processes/index.ts";
import type { Handlers } from "../adapter.ts";
import { childrenOf } from "../adapter.ts";
import { type BenchJob, clockMs, type Input, type Tally } from "../job.ts";

/** Counts the executions of each task, step and child in this process, and calls `onEnough` when enough are done. */
export class Meter implements Handlers {
  readonly latenciesMs: number[] = [];
  enoughAtMs: number | undefined;
  readonly #job: BenchJob;
  readonly #onEnough: () => void;
  readonly #onHang: () => void;
  readonly #tasks: Uint16Array;
  readonly #steps: Uint16Array;
  readonly #children: Uint16Array;
  #left: number;

  constructor(job: BenchJob, { onEnough, onHang }: { onEnough: () => void; onHang: () => void }) {
    const { tasks, steps, children } = job.size;
    this.#job = job;
    this.#onEnough = onEnough;
    this.#onHang = onHang;
    this.#tasks = new Uint16Array(tasks);
    this.#steps = new Uint16Array(tasks * steps);
    this.#children = new Uint16Array(tasks * children);
    this.#left = leftAtStart(job);
  }

  task({ n, at }: Input): void {
    if (at !== undefined) this.latenciesMs.push(clockMs() - at);
    this.#tasks[n] = (this.#tasks[n] ?? 0) + 1;
    this.#oneLess();
  }

  step(task: number, step: number): Promise<number> | number {
    const { steps } = this.#job.size;
    if (this.#job.hangsAtLastStep && step === steps - 1) {
      this.#onHang();
      return new Promise(() => {});
    }
    if (this.#job.ledger !== undefined) new Ledger(this.#job.ledger).write(String(step));
    const index = task * steps + step;
    this.#steps[index] = (this.#steps[index] ?? 0) + 1;
    this.#oneLess();
    return step;
  }

  child({ n }: Input): number {
    this.#children[n] = (this.#children[n] ?? 0) + 1;
    this.#oneLess();
    return n;
  }

  parent(task: number, outputs: unknown[]): void {
    const expected = childrenOf(task, this.#job);
    if (JSON.stringify(outputs) !== JSON.stringify(expected)) {
      throw new Error(`Parent ${task} got ${JSON.stringify(outputs)} from its children`);
    }
    this.#tasks[task] = (this.#tasks[task] ?? 0) + 1;
  }

  /** The number of executions so far: tasks, steps and children. */
  get done(): number {
    return sum(this.#tasks) + sum(this.#steps) + sum(this.#children);
  }

  tally(): Tally {
    return {
      tasks: Array.from(this.#tasks),
      steps: Array.from(this.#steps),
      children: Array.from(this.#children),
    };
  }

  #oneLess(): void {
    this.#left -= 1;
    if (this.#left !== 0) return;
    this.enoughAtMs = clockMs();
    this.#onEnough();
  }
}

function sum(counts: Uint16Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** The number of executions after which the parent process starts to check whether everything is in the database. */
function leftAtStart({ workload, size }: BenchJob): number {
  switch (workload) {
    case "steps":
      return size.tasks * size.steps;
    case "children":
      return size.tasks * size.children;
    case "resume":
      return 1;
    default:
      return size.enough ?? size.tasks;
  }
}
