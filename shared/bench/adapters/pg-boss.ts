import type { Adapter } from "../adapter.ts";
import type { Input } from "../job.ts";

type PgBossOptions = {
  /** The options of the instance. */
  boss?: { useListenNotify?: boolean; max?: number };
  /** The options of the queue. */
  queue?: { notify?: boolean };
  /** The options of `work()`. */
  work?: Record<string, unknown>;
};

const LOAD_BATCH = 1_000;

/** pg-boss. It keeps completed jobs in its table. */
export const adapter: Adapter = {
  async load({ url, workload, size, options }) {
    const boss = await open(url, {});
    await boss.createQueue("task", (options as PgBossOptions).queue ?? {});
    const queued = workload === "latency" ? 0 : size.tasks;
    for (let n = 0; n < queued; n += LOAD_BATCH) {
      const length = Math.min(LOAD_BATCH, queued - n);
      await boss.insert(
        "task",
        Array.from({ length }, (_, index) => ({ data: { n: n + index } })),
      );
    }
    await boss.stop({ graceful: false });
  },

  async openClient({ url }) {
    // This client only sends. The worker does the maintenance.
    const boss = await open(url, { supervise: false, schedule: false });
    return {
      enqueue: async (input) => {
        await boss.send("task", input);
      },
      close: () => boss.stop({ graceful: false }),
    };
  },

  async openWorker({ url, options }, handlers) {
    const { boss: instance = {}, work = {} } = options as PgBossOptions;
    const boss = await open(url, instance);
    return {
      async start() {
        await boss.work("task", work, async (jobs) => {
          for (const { data } of jobs) handlers.task(data as Input);
        });
      },
      async stop() {
        await boss.offWork("task", { wait: true });
        await boss.stop({ graceful: true, timeout: 5_000 });
      },
    };
  },

  async count(sql) {
    const [row] = await sql`
      select count(*)::int as tasks from pgboss.job where name = 'task' and state = 'completed'`;
    return { tasks: row?.tasks, steps: 0 };
  },
};

async function open(connectionString: string, options: object) {
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss({ connectionString, ...options });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  return boss;
}
