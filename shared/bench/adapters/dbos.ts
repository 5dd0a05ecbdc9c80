import { type Adapter, childrenOf, type Handlers } from "../adapter.ts";
import type { Input, Job } from "../job.ts";
import { cloneRow } from "./clone-row.ts";
import { connectedPool } from "./connected-pool.ts";

type Options = {
  /** Of the queue. */
  queue?: { workerConcurrency?: number; minPollingIntervalMs?: number };
  pool?: number;
};

const DEFAULT_POOL = 10;

// Client and worker have to agree on whose workflow it is, and of which version.
const APPLICATION = "bench";
const VERSION = "1";
const QUEUE = "tasks";

// Stands for a task's number in the row that is copied.
const ANY_NUMBER = 777_777_777;

/** DBOS: every task is a workflow on a queue. */
export const adapter: Adapter = {
  async load(job, sql) {
    const { DBOS, DBOSClient } = await import("@dbos-inc/dbos-sdk");
    await muted(() => DBOS.migrate(job.url));
    const client = await DBOSClient.create(clientOptions(job));
    await client.registerQueue(QUEUE, (job.options as Options).queue ?? {});
    if (job.workload !== "latency") {
      await client.enqueue(enqueueOptions(job), { n: ANY_NUMBER });
      await cloneRow(sql, "dbos.workflow_status", job.size.tasks, {
        workflow_uuid: "'task-' || n",
      });
      await cloneRow(sql, "dbos.workflow_input", job.size.tasks, {
        workflow_uuid: "'task-' || n",
        inputs: `replace(original.inputs, '${ANY_NUMBER}', n::text)`,
      });
    }
    await client.destroy();
  },

  async openClient(job) {
    const { DBOSClient } = await import("@dbos-inc/dbos-sdk");
    const client = await DBOSClient.create(clientOptions(job));
    await client.listQueues();
    return {
      enqueue: async (input) => {
        await client.enqueue(enqueueOptions(job), input);
      },
      close: () => client.destroy(),
    };
  },

  async openWorker(job, handlers) {
    const { DBOS } = await import("@dbos-inc/dbos-sdk");
    const pool = await connectedPool(job.url, (job.options as Options).pool ?? DEFAULT_POOL);
    DBOS.setConfig({
      name: APPLICATION,
      systemDatabaseUrl: job.url,
      systemDatabasePool: pool,
      runMigrations: false,
      applicationVersion: VERSION,
      logger: SILENT,
    });
    register(DBOS, job, handlers);
    return {
      // It looks at its schema, recovers what it ran before, and begins to work, all in one.
      start: () => DBOS.launch(),
      async stop() {
        // It would return without a word when that is over; the benchmark gives up before, and knows that it did.
        // What is registered belongs to the process: the next worker has handlers of its own.
        await DBOS.shutdown({ workflowCompletionTimeoutMS: 60_000, deregister: true });
        await pool.end();
      },
    };
  },

  async count(sql) {
    const [row] = await sql`
      select (select count(*)::int from dbos.workflow_status where status = 'SUCCESS') as tasks,
             (select count(*)::int from dbos.operation_outputs where child_workflow_id is null) as steps`;
    return { tasks: row?.tasks, steps: row?.steps };
  },
};

function register(
  DBOS: typeof import("@dbos-inc/dbos-sdk").DBOS,
  job: Job,
  handlers: Handlers,
): void {
  const child = DBOS.registerWorkflow(async (input: Input) => handlers.child(input), {
    name: "child",
  });
  const bodies = {
    task: async (input: Input) => handlers.task(input),
    steps: async ({ n }: Input) => {
      for (let step = 0; step < job.size.steps; step += 1) {
        await DBOS.runStep(async () => handlers.step(n, step), { name: `step ${step}` });
      }
    },
    parent: async ({ n }: Input) => {
      const handles = await Promise.all(
        childrenOf(n, job).map((number) => DBOS.startWorkflow(child)({ n: number })),
      );
      handlers.parent(n, await Promise.all(handles.map((handle) => handle.getResult())));
    },
  };
  const name = workflowName(job);
  DBOS.registerWorkflow(bodies[name], { name });
}

function workflowName({ workload }: Job): "task" | "steps" | "parent" {
  if (workload === "children") return "parent";
  return workload === "steps" || workload === "resume" ? "steps" : "task";
}

/** It tells the console about each of its migrations. */
async function muted(work: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = () => {};
  await work().finally(() => {
    console.log = log;
  });
}

function enqueueOptions(job: Job) {
  return { queueName: QUEUE, workflowName: workflowName(job), appVersion: VERSION };
}

function clientOptions({ url }: Job) {
  return { systemDatabaseUrl: url, applicationName: APPLICATION, logger: SILENT };
}

const SILENT = {
  info() {},
  debug() {},
  warn() {},
  error: (error: unknown) => console.error(error),
};
