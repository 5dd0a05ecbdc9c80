import type { Adapter } from "../adapter.ts";
import type { Input } from "../job.ts";
import { connectedPool } from "./connected-pool.ts";

const LOAD_BATCH = 1_000;
const DEFAULT_POOL = 10;

/** graphile-worker. `job.options` is the `worker` part of its preset. It deletes a job that has succeeded. */
export const adapter: Adapter = {
  async load({ url, workload, size }) {
    const { makeWorkerUtils } = await import("graphile-worker");
    const utils = await makeWorkerUtils({ connectionString: url, logger: await silent() });
    await utils.migrate();
    const queued = workload === "latency" ? 0 : size.tasks;
    for (let n = 0; n < queued; n += LOAD_BATCH) {
      const length = Math.min(LOAD_BATCH, queued - n);
      await utils.addJobs(
        Array.from({ length }, (_, index) => ({ identifier: "task", payload: { n: n + index } })),
      );
    }
    await utils.release();
  },

  async openClient({ url }) {
    const { makeWorkerUtils } = await import("graphile-worker");
    const utils = await makeWorkerUtils({ connectionString: url, logger: await silent() });
    await utils.withPgClient((client) => client.query("select"));
    return {
      enqueue: async (input) => {
        await utils.addJob("task", input);
      },
      close: async () => {
        await utils.release();
      },
    };
  },

  async openWorker({ url, options }, handlers) {
    const { run } = await import("graphile-worker");
    const pgPool = await connectedPool(url, Number(options.maxPoolSize ?? DEFAULT_POOL));
    const logger = await silent();
    let runner: Awaited<ReturnType<typeof run>> | undefined;
    return {
      async start() {
        runner = await run({
          pgPool,
          preset: { worker: { ...options, logger } },
          taskList: { task: (payload) => handlers.task(payload as Input) },
          parsedCronItems: [],
          noHandleSignals: true,
        });
      },
      async stop() {
        await runner?.stop();
        await pgPool.end();
      },
    };
  },

  async count(sql, { size }) {
    const [row] = await sql`select count(*)::int as left from graphile_worker._private_jobs`;
    return { tasks: size.tasks - row?.left, steps: 0 };
  },
};

async function silent() {
  const { Logger } = await import("graphile-worker");
  return new Logger(() => () => {});
}
