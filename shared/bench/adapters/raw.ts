import { connect, type Sql } from "../../runtime/database/index.ts";
import type { Adapter, Handlers } from "../adapter.ts";
import type { BenchJob, Input } from "../job.ts";

type RawOptions = {
  /** How many loops claim and run tasks concurrently, each on a connection of its own. */
  lanes: number;
  /** The maximum number of tasks in a batch. */
  batch: number;
};

type ClaimedTask = { id: string; input: Input };
type FinishedTask = { id: string; output: unknown };

/**
 * Raw SQL, the upper bound: not an engine, but the same rows, the same durability and the same order of commits. A
 * claim commits before its tasks run, and a step commits before the next step of its task starts. One statement
 * completes a batch and claims the next one. There are no leases, retries, limits or replay: what an engine costs is
 * what it adds to this.
 */
export const adapter: Adapter = {
  async load({ workload, size }, sql) {
    await sql.unsafe(SCHEMA);
    if (workload === "latency") return;
    if (workload === "depth") await sql`alter table tasks set (autovacuum_enabled = false)`;
    await sql`
      insert into tasks (input)
      select jsonb_build_object('n', n)
      from generate_series(0, ${size.tasks - 1}::int) as n`;
  },

  async openClient(job) {
    const sql = connect(job.url, { max: 1, applicationName: "bench client" });
    await sql`select`;
    return {
      enqueue: async (input) => {
        await sql`
          with added as (insert into tasks (input) values (${sql.json(input)}) returning id)
          select pg_notify('tasks', '') from added`;
      },
      close: () => sql.end(),
    };
  },

  async openWorker(job, handlers) {
    const { lanes, batch } = job.options as RawOptions;
    const sql = connect(job.url, { max: lanes, planOnce: true, applicationName: "bench worker" });
    await Promise.all(Array.from({ length: lanes }, () => sql`select pg_sleep(0.05)`));
    let stopping = false;
    const maxClaimed = job.workload === "steps" ? Math.floor(100 / lanes) : batch;
    const lane = async () => {
      let finished: FinishedTask[] = [];
      do {
        const claimed = await completeAndClaim(sql, finished, stopping ? 0 : maxClaimed);
        finished = await run(sql, claimed, job, handlers);
      } while (finished.length > 0);
    };
    let woken = Promise.resolve();
    const wake = () => {
      woken = woken.then(() => (stopping ? undefined : lane()));
    };
    let running: Promise<unknown> = Promise.resolve();
    return {
      async start() {
        if (job.workload === "latency") await sql.listen("tasks", wake);
        else running = Promise.all(Array.from({ length: lanes }, lane));
      },
      async stop() {
        stopping = true;
        await running;
        await woken;
        await sql.end();
      },
    };
  },

  async count(sql) {
    const [row] = await sql`
      select (select count(*)::int from tasks where status = 'succeeded') as tasks,
             (select count(*)::int from steps) as steps`;
    return { tasks: row?.tasks, steps: row?.steps };
  },
};

const SCHEMA = `
  create type task_status as enum ('queued', 'running', 'succeeded');
  create table tasks (
    id      bigint generated always as identity primary key,
    input   jsonb not null,
    status  task_status not null default 'queued',
    output  jsonb
  );
  create index tasks_to_claim on tasks (id) where status = 'queued';
  create table steps (
    task_id  bigint not null references tasks,
    seq      int not null,
    name     text not null,
    output   json,
    primary key (task_id, seq)
  );`;

/**
 * Completes the finished tasks and claims up to `limit` others. The limit is a subquery, so that the planner does not
 * know its value: it then expects a tenth of the rows and reads the index in order. With a known limit on a table that
 * was never analyzed, it expects so few queued tasks that it would read and sort all of them.
 */
async function completeAndClaim(
  sql: Sql,
  finished: FinishedTask[],
  limit: number,
): Promise<ClaimedTask[]> {
  return sql<ClaimedTask[]>`
    with completed as (
      update tasks
      set status = 'succeeded',
          output = result.output::jsonb
      from unnest(${finished.map(({ id }) => id)}::bigint[], ${outputs(finished)}::text[]) as result (id, output)
      where tasks.id = result.id
        and tasks.id = any (${finished.map(({ id }) => id)}::bigint[])
    ),
    due as (
      select id
      from tasks
      where status = 'queued'
      order by id
      limit (select ${limit}::int)
      for update skip locked
    )
    update tasks
    set status = 'running'
    where id = any (array(select id from due))
    returning id, input`;
}

/** Runs the claimed tasks; of durable tasks, each step for the whole batch before the next step. */
async function run(
  sql: Sql,
  claimed: ClaimedTask[],
  job: BenchJob,
  handlers: Handlers,
): Promise<FinishedTask[]> {
  if (job.workload !== "steps") {
    for (const { input } of claimed) handlers.task(input);
    return claimed.map(({ id }) => ({ id, output: null }));
  }
  for (let step = 0; step < job.size.steps && claimed.length > 0; step += 1) {
    const results: FinishedTask[] = [];
    for (const { id, input } of claimed) {
      results.push({ id, output: await handlers.step(input.n, step) });
    }
    await sql`
      insert into steps (task_id, seq, name, output)
      select id, ${step}, ${`step ${step}`}, output::json
      from unnest(${results.map(({ id }) => id)}::bigint[], ${outputs(results)}::text[]) as result (id, output)`;
  }
  return claimed.map(({ id }) => ({ id, output: null }));
}

function outputs(finished: FinishedTask[]): string[] {
  return finished.map(({ output }) => JSON.stringify(output));
}
