import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DurableContext, Engine, TaskDefinition } from "../../commands/engine.ts";
import { connect } from "../../runtime/database/index.ts";
import { moveTime } from "../../testing/move-time.ts";
import { type Adapter, childrenOf, type Handlers } from "../adapter.ts";
import type { BenchJob, Input } from "../job.ts";

/** Early lessons export fewer of these. */
type AnyEngine = Pick<Engine, "task" | "enqueue" | "Worker"> & Partial<Pick<Engine, "durableTask">>;

type Options = {
  pool?: number;
  planOnce?: boolean;
  worker?: Record<string, unknown>;
  durable?: Record<string, unknown>;
};

const DEFAULT_POOL = 10;
const NAMES = { steps: "steps", resume: "steps", children: "parent" } as Partial<
  Record<BenchJob["workload"], string>
>;

/** The engine of the lesson `job.lesson`. */
export const adapter: Adapter = {
  async load({ lesson, workload, size }, sql) {
    await sql.unsafe(readFileSync(path.join(lesson?.folder ?? "", "sql/schema.sql"), "utf8"));
    if (workload === "latency") return;
    // Autovacuum would analyze the table. The planner must work without statistics.
    if (workload === "depth") await sql`alter table tasks set (autovacuum_enabled = false)`;
    await sql`
      insert into tasks (name, input)
      select ${NAMES[workload] ?? "task"}, jsonb_build_object('n', n)
      from generate_series(0, ${size.tasks - 1}::int) as n`;
  },

  async openClient(job) {
    const engine = await engineOf(job);
    const sql = connect(job.url, { max: 1, applicationName: "bench client" });
    await sql`select`;
    const definition = engine.task({ name: "task", run: () => {} });
    return {
      enqueue: async (input) => {
        await engine.enqueue(sql, definition, input);
      },
      close: () => sql.end(),
    };
  },

  async openWorker(job, handlers) {
    const engine = await engineOf(job);
    const {
      pool = DEFAULT_POOL,
      planOnce = false,
      worker: ofWorker = {},
      durable = {},
    } = job.options as Options;
    const options = { ...ofWorker, ...(job.workload in NAMES && durable) };
    const sql = connect(job.url, { max: pool, planOnce, applicationName: "bench worker" });
    await Promise.all(Array.from({ length: pool }, () => sql`select pg_sleep(0.05)`));
    const tasks = tasksFor(engine, job, handlers);
    const worker = new engine.Worker(sql, { log: () => {}, ...options, tasks });
    return {
      start: async () => worker.start(),
      stop: async () => {
        await worker.stop();
        await sql.end();
      },
    };
  },

  async count(sql, { workload }) {
    const [row] = await sql`select count(*)::int as tasks from tasks where status = 'succeeded'`;
    if (workload !== "steps" && workload !== "resume") return { tasks: row?.tasks, steps: 0 };
    const [log] = await sql`select count(*)::int as steps from events where output is not null`;
    return { tasks: row?.tasks, steps: log?.steps };
  },

  makeDue: (sql) => moveTime(sql, { seconds: 3_600 }),
};

async function engineOf({ lesson }: BenchJob): Promise<AnyEngine> {
  return import(pathToFileURL(lesson?.engine ?? "").href);
}

function tasksFor(
  engine: AnyEngine,
  job: BenchJob,
  handlers: Handlers,
): TaskDefinition<never, unknown>[] {
  // In lessons 05 and 06 a task made by `task` has the event log.
  const durableTask = engine.durableTask ?? (engine.task as Engine["durableTask"]);
  switch (job.workload) {
    case "steps":
    case "resume":
      return [
        durableTask({
          name: "steps",
          run: async ({ n }: Input, context: DurableContext) => {
            for (let step = 0; step < job.size.steps; step += 1) {
              await context.step(`step ${step}`, () => handlers.step(n, step));
            }
          },
        }),
      ];
    case "children": {
      const child = engine.task({ name: "child", run: (input: Input) => handlers.child(input) });
      const parent = durableTask({
        name: "parent",
        run: async ({ n }: Input, context: DurableContext) => {
          const runs = childrenOf(n, job).map((number) => context.run(child, { n: number }));
          handlers.parent(n, await Promise.all(runs));
        },
      });
      return [parent, child];
    }
    default:
      return [engine.task({ name: "task", run: (input: Input) => handlers.task(input) })];
  }
}
