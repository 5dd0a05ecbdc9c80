import { setTimeout as pause } from "node:timers/promises";
import type { Sql } from "shared/database";
import { randomFrom } from "shared/testing";
import {
  cancel,
  type DurableContext,
  durableTask,
  NonRetryableError,
  type TaskContext,
  task,
} from "#engine";

/** A program with children, as data, so that a seed can generate one. The program of a child is its input. */
export type Tree =
  | ({ kind: "step" } & Job)
  | ({ kind: "work" } & Job)
  | { kind: "tree"; isRetried: boolean; tree: Tree }
  | { kind: "sequence" | "all" | "allSettled" | "race" | "any"; parts: Tree[] }
  | { kind: "try"; body: Tree; handler: Tree };

type Job = {
  id: number;
  ms: number;
  /** How it ends: it works, fails in its first attempt, in each, or for good; or it cancels itself, if it is a task. */
  end: "works" | "fails once" | "fails each time" | "fails for good" | "is cancelled";
  isRetried: boolean;
};

const RETRY = { maxAttempts: 3, backoffMs: 0 };

/** Generates the program of a task with children, at most three levels of them. */
export function makeTree(seed: number): Tree {
  const { below, among, chance } = randomFrom(seed);
  let jobs = 0;
  const job = (): Job => {
    jobs += 1;
    const end = among(ENDS);
    return { id: jobs, ms: below(4), end, isRetried: chance(end === "fails once" ? 0.8 : 0.5) };
  };
  const make = (depth: number, levels: number): Tree => {
    const parts = (least: number) =>
      Array.from({ length: least + below(2) }, () => make(depth - 1, levels));
    if (depth === 2) return { kind: "sequence", parts: parts(2) };
    if (depth === 0 || chance(0.3)) {
      const kind = among(["step", "work", "tree"] as const);
      if (kind !== "tree") return { kind, ...job() };
      if (levels === 0) return { kind: "work", ...job() };
      return { kind, isRetried: chance(0.5), tree: make(1, levels - 1) };
    }
    const kind = among(["sequence", "all", "allSettled", "race", "any", "try"] as const);
    if (kind !== "try") return { kind, parts: parts(1) };
    return { kind, body: make(depth - 1, levels), handler: make(depth - 1, levels) };
  };
  return make(2, 3);
}

const ENDS = [
  ...Array<"works">(12).fill("works"),
  "fails once",
  "fails once",
  "fails each time",
  "fails for good",
  "is cancelled",
] as const;

/** Returns true if the result depends on which branch is first. */
export function races(tree: Tree): boolean {
  if (tree.kind === "tree") return races(tree.tree);
  if (tree.kind === "try") return races(tree.body) || races(tree.handler);
  if (!("parts" in tree)) return false;
  const { kind, parts } = tree;
  if (kind === "race" || kind === "any") return parts.length > 1 || parts.some(races);
  // Of two failures, the first is the result.
  return parts.some(races) || (kind === "all" && parts.filter(mayFail).length > 1);
}

/** Returns true if the result depends on the number of attempts: a crash may add one. */
export function countsAttempts(tree: Tree): boolean {
  if (tree.kind === "tree") return countsAttempts(tree.tree);
  if (tree.kind === "try") return countsAttempts(tree.body) || countsAttempts(tree.handler);
  if ("parts" in tree) return tree.parts.some(countsAttempts);
  return tree.end === "fails once" && !tree.isRetried;
}

function mayFail(tree: Tree): boolean {
  if (tree.kind === "tree") return mayFail(tree.tree);
  if (tree.kind === "try") return mayFail(tree.handler);
  if ("parts" in tree) return tree.kind !== "allSettled" && tree.parts.some(mayFail);
  return tree.end !== "works";
}

/** The tasks that run trees; they call `onStep` for each step that they run. */
export function treeTasks(sql: Sql, onStep: (idempotencyKey: string) => void) {
  const run = async (tree: Tree, context: DurableContext) => {
    const heard: string[] = [];
    const output = await runTree(tree, context, heard);
    // A branch that goes on beside the end of the handler may add to the list.
    return { output, heard: [...heard] };
  };
  const tree = durableTask({ name: "tree", retry: RETRY, run });
  const treeOnce = durableTask({ name: "tree once", run });
  const runWork = async (job: Job, { taskId, attempt }: TaskContext) => {
    if (job.end === "is cancelled") await cancel(sql, taskId);
    return work(job, attempt);
  };
  const works = task({ name: "work", retry: RETRY, run: runWork });
  const workOnce = task({ name: "work once", run: runWork });
  return { tree, tasks: [tree, treeOnce, works, workOnce] };

  /** Runs a program and returns its result. Adds the result of each call to `heard`. */
  async function runTree(part: Tree, context: DurableContext, heard: string[]): Promise<unknown> {
    const run = (each: Tree) => runTree(each, context, heard);
    switch (part.kind) {
      case "step":
      case "work":
      case "tree":
        return hear(call(part, context), heard);
      case "sequence": {
        const outputs: unknown[] = [];
        for (const each of part.parts) outputs.push(await run(each));
        return outputs;
      }
      case "all":
        return Promise.all(part.parts.map(run));
      case "allSettled": {
        const settled = await Promise.allSettled(part.parts.map(run));
        return settled.map((each) =>
          each.status === "fulfilled" ? each.value : messageOf(each.reason),
        );
      }
      case "race":
        return Promise.race(part.parts.map(run));
      case "any":
        return Promise.any(part.parts.map(run));
      case "try":
        return run(part.body).catch((error) => {
          heard.push(`caught ${messageOf(error)}`);
          return run(part.handler);
        });
    }
  }

  async function call(
    part: Extract<Tree, { kind: "step" | "work" | "tree" }>,
    context: DurableContext,
  ): Promise<unknown> {
    const { isRetried } = part;
    if (part.kind === "work") return context.run(isRetried ? works : workOnce, part);
    if (part.kind === "tree") {
      const child: { output: unknown } = await context.run(isRetried ? tree : treeOnce, part.tree);
      return child.output;
    }
    const step = async ({
      attempt,
      idempotencyKey,
    }: {
      attempt: number;
      idempotencyKey: string;
    }) => {
      onStep(idempotencyKey);
      return work(part, attempt);
    };
    return context.step("step", step, { input: part.id, ...(isRetried && { retry: RETRY }) });
  }
}

async function work({ id, ms, end }: Job, attempt: number): Promise<string> {
  if (ms > 0) await pause(ms);
  if (end === "fails for good") throw new NonRetryableError(`${id} fails for good`);
  const isFailing = end === "fails each time" || (end === "fails once" && attempt === 1);
  if (isFailing) throw new Error(`${id} fails`);
  return `did ${id}`;
}

async function hear(calling: Promise<unknown>, heard: string[]): Promise<unknown> {
  try {
    const output = await calling;
    heard.push(JSON.stringify(output));
    return output;
  } catch (error) {
    heard.push(messageOf(error));
    throw error;
  }
}

/** Returns the message of an error without the ids of tasks, which the copies of a task do not share. */
function messageOf(error: unknown): string {
  return (error as Error).message.replaceAll(/Task \d+/g, "Task");
}
