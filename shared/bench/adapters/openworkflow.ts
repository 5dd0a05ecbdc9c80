import { type Adapter, childrenOf, type Handlers } from "../adapter.ts";
import type { BenchJob, Input } from "../job.ts";
import { cloneRow } from "./clone-row.ts";

type OpenWorkflowOptions = { concurrency?: number };

// The default of its driver. OpenWorkflow has no option for it.
const POOL = 10;

/** OpenWorkflow. Every task is a workflow run. */
export const adapter: Adapter = {
  async load(job, sql) {
    const { backend, run } = await open(job);
    if (job.workload !== "latency") {
      await run({ n: 0 });
      await cloneRow(sql, "openworkflow.workflow_runs", job.size.tasks, {
        id: "'task-' || n",
        input: "jsonb_build_object('n', n)",
      });
    }
    await backend.stop();
  },

  async openClient(job) {
    const { backend, run } = await open(job);
    return {
      enqueue: async (input) => {
        await run(input);
      },
      close: () => backend.stop(),
    };
  },

  async openWorker(job, handlers) {
    const { backend, client } = await open(job, handlers);
    const { concurrency } = job.options as OpenWorkflowOptions;
    // One query per connection, so that the pool has opened all of them before the clock starts.
    await Promise.all(Array.from({ length: POOL }, () => backend.countWorkflowRuns()));
    const worker = client.newWorker({ concurrency });
    return {
      start: () => worker.start(),
      async stop() {
        await worker.stop();
        await backend.stop();
      },
    };
  },

  async count(sql) {
    const [row] = await sql`
      select (
        select count(*)::int from openworkflow.workflow_runs where status in ('completed', 'succeeded')
      ) as tasks,
      (
        select count(*)::int
        from openworkflow.step_attempts
        where kind = 'function' and status in ('completed', 'succeeded')
      ) as steps`;
    return { tasks: row?.tasks, steps: row?.steps };
  },

  async makeDue(sql) {
    await sql`update openworkflow.workflow_runs set available_at = now() where status = 'running'`;
  },
};

/** Connects, creates the tables, and defines the workflows. Without handlers, they can only be enqueued. */
async function open(job: BenchJob, handlers?: Handlers) {
  const { OpenWorkflow } = await import("openworkflow");
  const { BackendPostgres } = await import("openworkflow/postgres");
  const backend = await BackendPostgres.connect(job.url);
  const client = new OpenWorkflow({ backend });
  const run = define(client, job, handlers as Handlers);
  return { backend, client, run };
}

function define(
  client: import("openworkflow").OpenWorkflow,
  job: BenchJob,
  handlers: Handlers,
): (input: Input) => Promise<unknown> {
  const child = client.defineWorkflow<Input, number>({ name: "child" }, ({ input }) =>
    handlers.child(input),
  );
  const parent = client.defineWorkflow<Input, void>({ name: "parent" }, async ({ input, step }) => {
    const runs = childrenOf(input.n, job).map((n) =>
      step.runWorkflow(child.workflow.spec, { n }, { name: `child ${n}` }),
    );
    handlers.parent(input.n, await Promise.all(runs));
  });
  const steps = client.defineWorkflow<Input, void>({ name: "steps" }, async ({ input, step }) => {
    for (let index = 0; index < job.size.steps; index += 1) {
      await step.run({ name: `step ${index}` }, () => handlers.step(input.n, index));
    }
  });
  const task = client.defineWorkflow<Input, void>({ name: "task" }, ({ input }) =>
    handlers.task(input),
  );
  const workflows = {
    children: parent,
    steps,
    resume: steps,
    drain: task,
    latency: task,
    depth: task,
  };
  return (input) => workflows[job.workload].run(input);
}
