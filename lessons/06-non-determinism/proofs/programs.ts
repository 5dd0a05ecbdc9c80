import { setTimeout as pause } from "node:timers/promises";
import type { TaskContext } from "#engine";

/** A program as data, so that a seed can make one up, and a mutation can change it. */
export type Program =
  | StepCall
  | { kind: Special; id: number }
  | { kind: "sequence" | "all" | "allSettled" | "race" | "any"; parts: Program[] }
  | { kind: "try"; body: Program; handler: Program };

type StepCall = {
  kind: "step";
  id: number;
  name: string;
  input: number;
  ms: number;
  /** How many of its attempts fail; it has two, and one more after a crash. */
  failures: number;
};

type Special = "random" | "uuid" | "now" | "patched";

/** A part that is a call of the context. */
export type ProgramCall = Extract<Program, { id: number }>;

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes up a program of some ten calls. */
export function makeProgram(random: () => number): Program {
  let calls = 0;
  const below = (limit: number) => Math.floor(random() * limit);
  const among = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const make = (depth: number): Program => {
    const parts = (least: number) =>
      Array.from({ length: least + below(3) }, () => make(depth - 1));
    if (depth === 3) return { kind: "sequence", parts: parts(2) };
    if (depth === 0 || random() < 0.3) {
      calls += 1;
      const id = calls;
      if (random() < 0.15)
        return { kind: among(["random", "uuid", "now", "patched", "patched"]), id };
      const name = among(["reserve", "charge", "ship"]);
      return {
        kind: "step",
        id,
        name,
        input: id,
        ms: below(4),
        failures: among([0, 0, 0, 0, 1, Number.MAX_SAFE_INTEGER]),
      };
    }
    const kind = among(["sequence", "all", "allSettled", "race", "any", "try"] as const);
    if (kind !== "try") return { kind, parts: parts(1) };
    return { kind, body: make(depth - 1), handler: make(depth - 1) };
  };
  return make(3);
}

/** Whether what comes of it depends on which branch is first. */
export function races(program: Program): boolean {
  if (program.kind === "try") return races(program.body) || races(program.handler);
  if (!("parts" in program)) return false;
  const { kind, parts } = program;
  if (kind === "race" || kind === "any") return parts.length > 1 || parts.some(races);
  // Of two failures it is the first that is seen.
  return parts.some(races) || (kind === "all" && parts.filter(mayFail).length > 1);
}

function mayFail(program: Program): boolean {
  if (program.kind === "try") return mayFail(program.handler);
  if (program.kind === "step") return program.failures > 1;
  return "parts" in program && program.kind !== "allSettled" && program.parts.some(mayFail);
}

/** All calls of a program, whether it comes to make them or not. */
export function callsIn(program: Program): ProgramCall[] {
  if (program.kind === "try") return [...callsIn(program.body), ...callsIn(program.handler)];
  return "parts" in program ? program.parts.flatMap(callsIn) : [program];
}

/** The same program with other parts in the place of its calls. */
export function withCalls(program: Program, change: (call: ProgramCall) => Program): Program {
  if (program.kind === "try") {
    const body = withCalls(program.body, change);
    return { ...program, body, handler: withCalls(program.handler, change) };
  }
  if (!("parts" in program)) return change(program);
  return { ...program, parts: program.parts.map((part) => withCalls(part, change)) };
}

export type Trace = {
  /** The calls that it made, in order. */
  asked: number[];
  /** What it was told, in order, whatever branch it was. */
  told: string[];
};

/** Runs a program, and returns what came of it. */
export async function runProgram(
  program: Program,
  context: TaskContext,
  trace: Trace,
): Promise<unknown> {
  const run = (part: Program) => runProgram(part, context, trace);
  switch (program.kind) {
    case "step":
      return runStep(program, context, trace);
    case "random":
    case "uuid":
    case "now":
    case "patched": {
      trace.asked.push(program.id);
      trace.told.push(String(await special(program, context)));
      // Itself it would be another one each time.
      return program.kind;
    }
    case "sequence": {
      const outputs: unknown[] = [];
      for (const part of program.parts) outputs.push(await run(part));
      return outputs;
    }
    case "all":
      return Promise.all(program.parts.map(run));
    case "allSettled": {
      const settled = await Promise.allSettled(program.parts.map(run));
      return settled.map((each) =>
        each.status === "fulfilled" ? each.value : String(each.reason.message),
      );
    }
    case "race":
      return Promise.race(program.parts.map(run));
    case "any":
      return Promise.any(program.parts.map(run));
    case "try":
      try {
        return await run(program.body);
      } catch (error) {
        trace.told.push(`caught ${(error as Error).message}`);
        return run(program.handler);
      }
  }
}

async function runStep(call: StepCall, { step }: TaskContext, trace: Trace): Promise<string> {
  const { id, name, input, ms, failures } = call;
  trace.asked.push(id);
  const work = async ({ attempt }: { attempt: number }) => {
    if (ms > 0) await pause(ms);
    if (attempt <= failures) throw new Error(`${name} ${input} failed`);
    return `${name} ${input}`;
  };
  const options = { input, retry: { maxAttempts: 2, backoffMs: 0 } };
  try {
    const output = await step(name, work, options);
    trace.told.push(output);
    return output;
  } catch (error) {
    trace.told.push((error as Error).message);
    throw error;
  }
}

/** An engine that has no such call has what there was before. */
function special(
  { kind, id }: { kind: Special; id: number },
  context: Partial<TaskContext>,
): unknown {
  switch (kind) {
    case "random":
      return (context.random ?? Math.random)();
    case "uuid":
      return (context.uuid ?? crypto.randomUUID.bind(crypto))();
    case "now":
      return (context.now ?? Date.now)();
    case "patched":
      return context.patched?.(`patch ${id}`) ?? true;
  }
}
