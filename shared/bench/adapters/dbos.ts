import { type Adapter, childrenOf, type Handlers, taskName } from "../adapter.ts";
import type { BenchJob, Input } from "../job.ts";
import { cloneRow } from "./clone-row.ts";
import { connectedPool } from "./connected-pool.ts";

type DbosOptions = {
  /** The options of the queue. */
  queue?: { workerConcurrency?: number; minPollingIntervalMs?: number };
  /** Connections in the pool. Default: 10. */
  pool?: number;
};

const DEFAULT_POOL = 10;

// Client and worker must name the same application and version.
const APPLICATION = "bench";
const VERSION = "1";
const QUEUE = "tasks";

// Stands for the task's number in the row that is cloned.
const PLACEHOLDER = 777_777_777;

/** DBOS. Every task is a workflow on a queue. */
export const adapter: Adapter = {
  async load(job, sql) {
    const { DBOS, DBOSClient } = await import("@dbos-inc/dbos-sdk");
    await muted(() => DBOS.migrate(job.url));
    const client = await DBOSClient.create(clientOptions(job));
    await client.registerQueue(QUEUE, (job.options as DbosOptions).queue ?? {});
    if (job.workload !== "latency") {
      await client.enqueue(enqueueOptions(job), { n: PLACEHOLDER });
      await cloneRow(sql, "dbos.workflow_status", job.size.tasks, {
        workflow_uuid: "'task-' || n",
      });
      await cloneRow(sql, "dbos.workflow_input", job.size.tasks, {
        workflow_uuid: "'task-' || n",
        inputs: `replace(original.inputs, '${PLACEHOLDER}', n::text)`,
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
    const pool = await connectedPool(job.url, (job.options as DbosOptions).pool ?? DEFAULT_POOL);
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
      // `launch` checks the schema, recovers the workflows of an earlier process, and starts to work.
      start: () => DBOS.launch(),
      async stop() {
        // After this timeout, `shutdown` returns without an error. Our own time limit is shorter, so we notice.
        // Registrations are global to the process, and the next worker has handlers of its own.
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
  job: BenchJob,
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
  const name = taskName(job);
  DBOS.registerWorkflow(bodies[name], { name });
}

/** Runs `work` without its console output: DBOS logs each of its migrations. */
async function muted(work: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = () => {};
  await work().finally(() => {
    console.log = log;
  });
}

function enqueueOptions(job: BenchJob) {
  return { queueName: QUEUE, workflowName: taskName(job), appVersion: VERSION };
}

function clientOptions({ url }: BenchJob) {
  return { systemDatabaseUrl: url, applicationName: APPLICATION, logger: SILENT };
}

const SILENT = {
  info() {},
  debug() {},
  warn() {},
  error: (error: unknown) => console.error(error),
};
