import type { Sql } from "shared/database";
import { type Random, randomFrom } from "shared/testing";
import { enqueueMany } from "#engine";
import { durableTask } from "./durable-task.ts";
import { makeProgram, type Program } from "./programs.ts";
import { runProgram, type Trace } from "./run-program.ts";
import { withWaits } from "./waits.ts";

/** A task that runs a random program. */
export type Execution = { id: string; program: Program; isCaught: boolean };

export type Outcome = {
  status: string;
  output: ({ output: unknown } & Trace) | null;
  error: { name: string; message: string } | null;
  log: { position: number; name: string; status: string; output: unknown }[];
};

export const execution = durableTask({
  name: "execution",
  run: async ({ program, isCaught }: { program: Program; isCaught: boolean }, context) => {
    const trace: Trace = { made: [], settled: [] };
    try {
      return { output: await runProgram(program, context, trace), ...trace };
    } catch (error) {
      if (!isCaught) throw error;
      return { output: (error as Error).message, ...trace };
    }
  },
});

/** Enqueues a task for each of `count` programs, which depend on the seed alone. */
export async function enqueueExecutions(
  sql: Sql,
  seed: number,
  count: number,
): Promise<Execution[]> {
  const programs = Array.from({ length: count }, (_, index) => {
    const random: Random = randomFrom(seed + 1_000 * index);
    return { program: withWaits(makeProgram(random), random), isCaught: random.chance(0.5) };
  });
  const ids = await enqueueMany(
    sql,
    execution,
    programs.map((input) => ({ input })),
  );
  return programs.map((program, index) => ({ ...program, id: ids[index] as string }));
}

/** Enqueues a task of this program for each count in `events`, with that many events of the execution's log. */
export async function enqueueCopies(
  sql: Sql,
  { id, isCaught }: Execution,
  events: number[],
  program: Program,
): Promise<string[]> {
  const input = JSON.stringify({ program, isCaught });
  const rows = await sql`
    with copies as (
      insert into tasks (name, input, event_count)
      select 'execution', ${input}::text::json, count
      from unnest(${events}::int[]) as count
      returning id, event_count
    ),
    copied as (
      insert into events
      select (jsonb_populate_record(events, jsonb_build_object('task_id', copies.id))).*
      from copies
      join events on task_id = ${id} and seq <= copies.event_count
    )
    select id from copies order by event_count`;
  return rows.map((row) => row.id);
}

export async function readOutcomes(sql: Sql): Promise<Map<string, Outcome>> {
  const rows = await sql<({ id: string } & Outcome)[]>`
    select id, tasks.status, tasks.output, tasks.error,
           coalesce(json_agg(json_build_object(
             'position', position, 'name', events.name, 'status', events.status, 'output', events.output
           ) order by seq) filter (where seq is not null), '[]') as log
    from tasks
    left join events on task_id = id
    group by id`;
  return new Map(rows.map((row) => [row.id, row]));
}
