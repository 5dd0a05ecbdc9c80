import type { Adapter } from "../adapter.ts";
import type { Input } from "../job.ts";

type Options = {
  /** Of the instance. */
  boss?: { useListenNotify?: boolean; max?: number };
  /** Of the queue. */
  queue?: { notify?: boolean };
  /** Of `work()`. */
  work?: Record<string, unknown>;
};

const LOADED_AT_ONCE = 1_000;

/** pg-boss: a queue that keeps the jobs it has completed. */
export const adapter: Adapter = {
  async load({ url, workload, size, options }) {
    const boss = await open(url, {});
    await boss.createQueue("task", (options as Options).queue ?? {});
    const queued = workload === "latency" ? 0 : size.tasks;
    for (let n = 0; n < queued; n += LOADED_AT_ONCE) {
      const length = Math.min(LOADED_AT_ONCE, queued - n);
      await boss.insert(
        "task",
        Array.from({ length }, (_, index) => ({ data: { n: n + index } })),
      );
    }
    await boss.stop({ graceful: false });
  },

  async openClient({ url }) {
    // It only sends: its maintenance is the worker's business.
    const boss = await open(url, { supervise: false, schedule: false });
    return {
      enqueue: async (input) => {
        await boss.send("task", input);
      },
      close: () => boss.stop({ graceful: false }),
    };
  },

  async openWorker({ url, options }, handlers) {
    const { boss: instance = {}, work = {} } = options as Options;
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
