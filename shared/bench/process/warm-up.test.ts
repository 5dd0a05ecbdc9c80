import { expect, test } from "vitest";
import type { Adapter, Handlers } from "../adapter.ts";
import { childrenOf } from "../adapter.ts";
import type { BenchJob } from "../job.ts";
import { workloads } from "../workloads.ts";
import { warmUp, warmUpOf } from "./warm-up.ts";

const size = { tasks: 2, steps: 0, children: 2 };
const job: BenchJob = {
  workload: "children",
  size,
  adapter: "lesson-engine",
  options: { pool: 10 },
  url: "postgres://warm-up",
  hangsAtLastStep: false,
};

/** Returns an engine whose worker calls `work` when it is started. */
function engineOf(work: (handlers: Handlers) => void, stop = async () => {}) {
  const calls: string[] = [];
  const adapter: Pick<Adapter, "openWorker"> = {
    openWorker: async ({ url }, handlers) => ({
      async start() {
        calls.push(`starts on ${url}`);
        work(handlers);
      },
      async stop() {
        calls.push("stops");
        await stop();
      },
    }),
  };
  return { calls, adapter };
}

const never = () => new Promise<void>(() => {});

function allChildren(handlers: Handlers): void {
  for (const child of [0, 1, 2, 3]) handlers.child({ n: child });
}

test("a warm-up ends when all of its tasks have run, including parents", async () => {
  let isDone = false;
  const { adapter, calls } = engineOf((handlers) => {
    allChildren(handlers);
    setTimeout(() => {
      for (const parent of [0, 1]) handlers.parent(parent, childrenOf(parent, job));
      isDone = true;
    });
  });
  await warmUp(adapter, job, { atMostMs: 60_000 });
  expect(isDone).toBe(true);
  expect(calls).toEqual(["starts on postgres://warm-up", "stops"]);
});

test("a slow engine is stopped at the end of its warm-up time", async () => {
  const { adapter, calls } = engineOf(allChildren);
  await warmUp(adapter, job, { atMostMs: 0 });
  expect(calls).toContain("stops");
});

test("a warm-up fails if its engine does not stop, or fails to", async () => {
  const hanging = engineOf(allChildren, never);
  const options = { atMostMs: 0, stopWithinMs: 0 };
  await expect(warmUp(hanging.adapter, job, options)).rejects.toThrow(
    /did not stop .* 4 executions/,
  );
  const failing = engineOf(allChildren, () => Promise.reject(new Error("no connection")));
  await expect(warmUp(failing.adapter, job, { atMostMs: 0 })).rejects.toThrow("no connection");
});

test("tasks that a run enqueues one by one are all queued before its warm-up", () => {
  const paced: BenchJob = { ...job, workload: "latency", size: { ...size, everyMs: 100 } };
  expect(warmUpOf(paced, size, "postgres://warm-up")).toEqual({ ...job, workload: "drain" });
});

test("every worker has a warm-up except the one that resumes", () => {
  const cold = workloads.filter((workload) => workload.warmUp === undefined);
  expect(cold.map(({ name }) => name)).toEqual(["resume"]);
});
