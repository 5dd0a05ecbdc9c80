import path from "node:path";
import type { Sql } from "shared/database";
import { freshDatabase, lessonUnderTest, randomFrom } from "shared/testing";
import { expect, test } from "vitest";
import { Worker, type WorkerOptions } from "#engine";
import {
  type Execution,
  enqueueCopies,
  enqueueExecutions,
  execution,
  type Outcome,
  readOutcomes,
} from "./executions.ts";
import { mutate } from "./mutate.ts";
import { callsIn, type ProgramCall, races } from "./programs.ts";

// `SEED=7 pnpm test` makes the same programs again.
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
// Later lessons repeat the proof with fewer programs, each time with others.
const PROGRAMS = path.basename(lessonUnderTest()).startsWith("06") ? 500 : 100;
const MUTANTS = PROGRAMS;

test("a program resumes after a crash at any event, and what it has seen stays as it was", async () => {
  const { sql } = await freshDatabase();
  const originals = await enqueueExecutions(sql, SEED, PROGRAMS);
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
      ...(after.error?.name === "NonDeterminismError" && { falseAlarm: after.error.message }),
      // The winner of a race stays the winner.
      ...(events === before.log.length &&
        before.status === "succeeded" &&
        !isSame(after.output, before.output) && { resumed: after.output }),
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

test("a program that was changed at a call of its log is caught, and its log stays as it was", async () => {
  const { sql } = await freshDatabase();
  const originals = await enqueueExecutions(sql, SEED, PROGRAMS);
  await workAll(sql);
  const outcomes = await readOutcomes(sql);
  const random = randomFrom(SEED + 1);
  const mutants: { id: string; original: string; how: string }[] = [];
  const changeable = originals.filter(({ id }) => outcomes.get(id)?.status === "succeeded");
  for (let turn = 0; mutants.length < MUTANTS; turn += 1) {
    const original = changeable[turn % changeable.length] as Execution;
    const before = outcomes.get(original.id) as Outcome;
    const mutant = mutate(original.program, loggedCalls(original, before), random);
    if (!mutant) continue;
    const [id = ""] = await enqueueCopies(sql, original, [before.log.length], mutant.program);
    mutants.push({ id, original: original.id, how: mutant.how });
  }
  // Some leave out a call and then wait for another.
  await workAll(sql, { stallMs: 100 });

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
}, 300_000);

async function workAll(sql: Sql, options: Partial<WorkerOptions> = {}): Promise<void> {
  const fixed = { tasks: [execution], slots: 200, graceMs: 0, log: () => {} };
  const worker = new Worker(sql, { ...fixed, ...options });
  while ((await worker.tick()) > 0);
}

type Crashed = { id: string; original: Execution; events: number };

/** For each execution and each event of its log, enqueues a task that looks as if it had crashed right after that event. */
async function crashAtEveryEvent(sql: Sql, originals: Execution[]): Promise<Crashed[]> {
  const outcomes = await readOutcomes(sql);
  const crashed: Crashed[] = [];
  for (const original of originals) {
    const { length } = outcomes.get(original.id)?.log ?? [];
    const events = Array.from({ length: length + 1 }, (_, count) => count);
    const ids = await enqueueCopies(sql, original, events, original.program);
    crashed.push(...events.map((count) => ({ id: ids[count] as string, original, events: count })));
  }
  return crashed;
}

/** The calls of a program that are in its log. */
function loggedCalls({ program }: Execution, { output, log }: Outcome): ProgramCall[] {
  const logged = new Set(log.map(({ position }) => output?.made[position - 1]));
  return callsIn(program).filter(({ id }) => logged.has(id));
}

function resultOf({ status, output, error }: Outcome): unknown {
  return [status, output?.output, error?.message];
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
