import path from "node:path";
import type { Sql } from "shared/database";
import { freshDatabase, lessonUnderTest } from "shared/testing";
import { expect, test } from "vitest";
import { enqueueMany, Worker } from "#engine";
import { durableTask } from "./durable-task.ts";
import {
  callsIn,
  makeProgram,
  type Program,
  type ProgramCall,
  races,
  randomFrom,
  runProgram,
  type Trace,
  withCalls,
} from "./programs.ts";

// `SEED=7 pnpm test` makes the same programs again.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
// Another lesson repeats the proof on fewer, each time on others.
const PROGRAMS = path.basename(lessonUnderTest()).startsWith("06") ? 500 : 100;
const MUTANTS = PROGRAMS;

const execution = durableTask({
  name: "execution",
  run: async ({ program, isCaught }: { program: Program; isCaught: boolean }, context) => {
    const trace: Trace = { asked: [], told: [] };
    try {
      return { output: await runProgram(program, context, trace), ...trace };
    } catch (error) {
      if (!isCaught) throw error;
      return { output: (error as Error).message, ...trace };
    }
  },
});

type Execution = { id: string; program: Program; isCaught: boolean };

type Outcome = {
  status: string;
  output: ({ output: unknown } & Trace) | null;
  error: { name: string; message: string } | null;
  log: { position: number; name: string; status: string; output: unknown }[];
};

test("a program goes on from every place it can crash at, and what it has been told stays as it was", async () => {
  const { sql } = await freshDatabase();
  const originals = await makeExecutions(sql);
  await workAll(sql);
  const crashed = await crashAtEveryEvent(sql, originals);
  await workAll(sql);

  const wrong: unknown[] = [];
  const outcomes = await readOutcomes(sql);
  for (const { id, original, events } of crashed) {
    const before = outcomes.get(original.id) as Outcome;
    const after = outcomes.get(id) as Outcome;
    const differences: Record<string, unknown> = {
      ...(!isSame(after.log.slice(0, events), before.log.slice(0, events)) && { log: after.log }),
      ...(after.error?.name === "NonDeterminismError" && { alarm: after.error.message }),
      // Whatever had won stays the winner.
      ...(events === before.log.length &&
        before.status === "succeeded" &&
        !isSame(after.output, before.output) && { replayed: after.output }),
      ...(!races(original.program) &&
        !isSame(resultOf(after), resultOf(before)) && { output: resultOf(after) }),
    };
    if (Object.keys(differences).length > 0) {
      wrong.push({ program: JSON.stringify(original.program), events, before, ...differences });
    }
  }
  expect({ SEED, wrong: wrong.length, first: wrong[0] }).toEqual({ SEED, wrong: 0 });
  expect(crashed.length).toBeGreaterThan(5 * PROGRAMS);
}, 300_000);

test("a program that was changed where the log holds a call is stopped, and the log stays as it was", async () => {
  const { sql } = await freshDatabase();
  const originals = await makeExecutions(sql);
  await workAll(sql);
  const outcomes = await readOutcomes(sql);
  const random = randomFrom(SEED + 1);
  const mutants: { id: string; original: string; how: string }[] = [];
  const changeable = originals.filter(({ id }) => outcomes.get(id)?.status === "succeeded");
  for (let turn = 0; mutants.length < MUTANTS; turn += 1) {
    const original = changeable[turn % changeable.length] as Execution;
    const before = outcomes.get(original.id) as Outcome;
    const mutant = mutate(original.program, recordedCalls(original, before), random);
    if (!mutant) continue;
    const [id = ""] = await copies(sql, original, [before.log.length], mutant.program);
    mutants.push({ id, original: original.id, how: mutant.how });
  }
  await workAll(sql);

  const after = await readOutcomes(sql);
  const missed = mutants.filter(({ id, original }) => {
    const { error, log } = after.get(id) as Outcome;
    return error?.name !== "NonDeterminismError" || !isSame(log, outcomes.get(original)?.log);
  });
  const [first] = missed;
  const shown = first && { ...first, program: after.get(first.id) };
  expect({ SEED, MUTANTS, missed: missed.length, first: shown }).toEqual({
    SEED,
    MUTANTS,
    missed: 0,
  });
  expect(new Set(mutants.map(({ how }) => how)).size).toBe(5);
});

async function makeExecutions(sql: Sql): Promise<Execution[]> {
  const programs = Array.from({ length: PROGRAMS }, (_, index) => {
    const random = randomFrom(SEED + 1_000 * index);
    return { program: makeProgram(random), isCaught: random() < 0.5 };
  });
  const ids = await enqueueMany(
    sql,
    execution,
    programs.map((input) => ({ input })),
  );
  return programs.map((program, index) => ({ ...program, id: ids[index] as string }));
}

async function workAll(sql: Sql): Promise<void> {
  const worker = new Worker(sql, { tasks: [execution], slots: 200, graceMs: 0, log: () => {} });
  while ((await worker.tick()) > 0);
}

type Crashed = { id: string; original: Execution; events: number };

/** For each execution and each event in its log, one that has crashed right after that event. */
async function crashAtEveryEvent(sql: Sql, originals: Execution[]): Promise<Crashed[]> {
  const outcomes = await readOutcomes(sql);
  const crashed: Crashed[] = [];
  for (const original of originals) {
    const { length } = outcomes.get(original.id)?.log ?? [];
    const events = Array.from({ length: length + 1 }, (_, count) => count);
    const ids = await copies(sql, original, events, original.program);
    crashed.push(...events.map((count) => ({ id: ids[count] as string, original, events: count })));
  }
  return crashed;
}

/** New tasks of this program, with the first so many events of another one's log. */
async function copies(
  sql: Sql,
  { id, isCaught }: Execution,
  events: number[],
  program: Program,
): Promise<string[]> {
  const input = JSON.stringify({ program, isCaught });
  const rows = await sql`
    with copies as (
      insert into tasks (name, input, event_count)
      select 'execution', ${input}::text::jsonb, count
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

async function readOutcomes(sql: Sql): Promise<Map<string, Outcome>> {
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

/** The calls of a program that its log holds something of. */
function recordedCalls({ program }: Execution, { output, log }: Outcome): ProgramCall[] {
  const recorded = new Set(log.map(({ position }) => output?.asked[position - 1]));
  return callsIn(program).filter(({ id }) => recorded.has(id));
}

function mutate(
  program: Program,
  recorded: ProgramCall[],
  random: () => number,
): { how: string; program: Program } | undefined {
  const among = <T>(choices: T[]) => choices[Math.floor(random() * choices.length)] as T;
  const call = among(recorded);
  if (!call) return undefined;
  const inPlace = (of: ProgramCall, by: Program) =>
    withCalls(program, (each) => (each.id === of.id ? by : each));
  const other = among(recorded.filter((each) => each.kind === "step" && each.id !== call.id));
  const added = { kind: "step", id: 0, name: "inserted", input: 0, ms: 0, failures: 0 } as const;
  const how = among(["swap", "rename", "insert", "drop", "change input"]);
  switch (how) {
    case "insert":
      return { how, program: inPlace(call, { kind: "sequence", parts: [added, call] }) };
    case "drop":
      return { how, program: inPlace(call, { kind: "sequence", parts: [] }) };
  }
  if (call.kind !== "step")
    return mutate(
      program,
      recorded.filter((each) => each !== call),
      random,
    );
  switch (how) {
    case "rename":
      return { how, program: inPlace(call, { ...call, name: "renamed" }) };
    case "change input":
      return { how, program: inPlace(call, { ...call, input: 0 }) };
  }
  if (!other) return undefined;
  const swapped = new Map([
    [call.id, other],
    [other.id, call],
  ]);
  return { how, program: withCalls(program, (each) => swapped.get(each.id) ?? each) };
}

function resultOf({ status, output, error }: Outcome): unknown {
  return [status, output?.output, error?.message];
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
