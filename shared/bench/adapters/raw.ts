import { connect, type Sql } from "../../runtime/database/index.ts";
import type { Adapter, Handlers } from "../adapter.ts";
import type { Input, Job } from "../job.ts";

type Options = {
  /** How many groups are on their way at once, each on a connection of its own. */
  lanes: number;
  /** How many tasks a group holds at most. */
  group: number;
};

/** A task that ran, and one that was claimed. */
type Done = { id: string; output: unknown };
type Claimed = { id: string; input: Input };

/**
 * The ceiling: no engine, but the same rows, the same durability and the same order of commits. A claim is committed
 * before its tasks run, a step before the next one of its task begins. Done is written and new is claimed in groups, in
 * one statement. No leases, no retries, no limits, no replay: what an engine costs is what it has beyond this.
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
    const { lanes, group } = job.options as Options;
    const sql = connect(job.url, { max: lanes, planOnce: true, applicationName: "bench worker" });
    await Promise.all(Array.from({ length: lanes }, () => sql`select pg_sleep(0.05)`));
    let stopping = false;
    const perLane = job.workload === "steps" ? Math.floor(100 / lanes) : group;
    const lane = async () => {
      let done: Done[] = [];
      do {
        const claimed = await turn(sql, done, stopping ? 0 : perLane);
        done = await run(sql, claimed, job, handlers);
      } while (done.length > 0);
    };
    let idle = Promise.resolve();
    const wake = () => {
      idle = idle.then(() => (stopping ? undefined : lane()));
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
        await idle;
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
 * Writes down what was done, and claims as many again as there are to be. A limit that the planner knows would be a trap:
 * it believes that few tasks are queued in a table it has never analyzed, so that it would rather sort them all. Of one
 * that it does not know it expects a tenth, and reads the index in order.
 */
async function turn(sql: Sql, done: Done[], limit: number): Promise<Claimed[]> {
  return sql<Claimed[]>`
    with ended as (
      update tasks
      set status = 'succeeded',
          output = result.output::jsonb
      from unnest(${done.map(({ id }) => id)}::bigint[], ${outputs(done)}::text[]) as result (id, output)
      where tasks.id = result.id
        and tasks.id = any (${done.map(({ id }) => id)}::bigint[])
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

async function run(sql: Sql, claimed: Claimed[], job: Job, handlers: Handlers): Promise<Done[]> {
  if (job.workload !== "steps") {
    for (const { input } of claimed) handlers.task(input);
    return claimed.map(({ id }) => ({ id, output: null }));
  }
  for (let step = 0; step < job.size.steps && claimed.length > 0; step += 1) {
    const kept: Done[] = [];
    for (const { id, input } of claimed) {
      kept.push({ id, output: await handlers.step(input.n, step) });
    }
    await sql`
      insert into steps (task_id, seq, name, output)
      select id, ${step}, ${`step ${step}`}, output::json
      from unnest(${kept.map(({ id }) => id)}::bigint[], ${outputs(kept)}::text[]) as kept (id, output)`;
  }
  return claimed.map(({ id }) => ({ id, output: null }));
}

function outputs(done: Done[]): string[] {
  return done.map(({ output }) => JSON.stringify(output));
}
