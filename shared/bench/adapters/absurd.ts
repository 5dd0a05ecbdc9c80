import { readFileSync } from "node:fs";
import { type Adapter, childrenOf, type Handlers, taskName } from "../adapter.ts";
import type { BenchJob, Input } from "../job.ts";

type AbsurdOptions = { concurrency?: number; pollInterval?: number };

// A task can wait only for children on another queue.
const QUEUE = "tasks";
const CHILD_QUEUE = "children";

/** Absurd. No package contains its schema: ABSURD_SQL names the file, sql/absurd.sql of Absurd's repository. */
export const adapter: Adapter = {
  async load({ workload, size }, sql) {
    await sql.unsafe(readFileSync(process.env.ABSURD_SQL as string, "utf8"));
    for (const queue of [QUEUE, CHILD_QUEUE]) await sql`select absurd.create_queue(${queue})`;
    if (workload === "latency") return;
    await sql`
      select count(absurd.spawn_task(${QUEUE}, ${taskName({ workload })}, jsonb_build_object('n', n), '{}'))
      from generate_series(0, ${size.tasks - 1}::int) as n`;
  },

  async openClient({ url }) {
    const { Absurd } = await import("absurd-sdk");
    const client = new Absurd({ db: url, queueName: QUEUE });
    return {
      enqueue: async (input) => {
        await client.spawn("task", input, { queue: QUEUE });
      },
      close: () => client.close(),
    };
  },

  async openWorker(job, handlers) {
    const { Absurd } = await import("absurd-sdk");
    const app = new Absurd({ db: job.url, queueName: QUEUE });
    const children = new Absurd({ db: job.url, queueName: CHILD_QUEUE });
    register(app, children, job, handlers);
    return {
      async start() {
        await app.startWorker(job.options as AbsurdOptions);
        if (job.workload === "children") await children.startWorker(job.options as AbsurdOptions);
      },
      async stop() {
        // A running parent waits for its children in memory, so their worker must run until the last parent has ended.
        await app.close();
        await children.close();
      },
    };
  },

  async count(sql) {
    const [row] = await sql`
      select (select count(*)::int from absurd.t_tasks where state = 'completed')
             + (select count(*)::int from absurd.t_children where state = 'completed') as tasks,
             (select count(*)::int from absurd.c_tasks) as steps`;
    return { tasks: row?.tasks, steps: row?.steps };
  },

  async makeDue(sql) {
    await sql`
      update absurd.r_tasks
      set claim_expires_at = now() - interval '1 second'
      where state = 'running'`;
  },
};

type Absurd = import("absurd-sdk").Absurd;

function register(app: Absurd, children: Absurd, job: BenchJob, handlers: Handlers): void {
  app.registerTask<Input>({ name: "task" }, async (input) => handlers.task(input));
  app.registerTask<Input>({ name: "steps" }, async ({ n }, context) => {
    for (let step = 0; step < job.size.steps; step += 1) {
      await context.step(`step ${step}`, async () => handlers.step(n, step));
    }
  });
  children.registerTask<Input>({ name: "child" }, async (input) => handlers.child(input));
  app.registerTask<Input>({ name: "parent" }, async ({ n }, context) => {
    const spawned = await context.step("spawn", () =>
      Promise.all(
        childrenOf(n, job).map(async (number) => {
          const { taskID } = await children.spawn("child", { n: number });
          return taskID;
        }),
      ),
    );
    const outputs = [];
    for (const taskID of spawned) {
      const { result } = await context.awaitTaskResult(taskID, { queue: CHILD_QUEUE });
      outputs.push(result);
    }
    handlers.parent(n, outputs);
  });
}
