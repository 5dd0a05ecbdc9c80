import type { Random } from "shared/testing";

/** A program as data, so that it can be made from a seed, and changed. */
export type Program = ProgramCall | Group | Wait;

/** A part that is a call of the context. */
export type ProgramCall = StepCall | { kind: Special; id: number };

export type StepCall = {
  kind: "step";
  id: number;
  name: string;
  input: number;
  ms: number;
  /** How many of its attempts fail. Each attempt of a task attempts it twice, and once if it was reopened. */
  failures: number;
};

export type Special = "random" | "uuid" | "now" | "patched";

type Group =
  | { kind: "sequence" | "all" | "allSettled" | "race" | "any"; parts: Program[] }
  | { kind: "try"; body: Program; handler: Program };

/** A wait outside of the context, of which the event log knows nothing. */
type Wait = { kind: "wait"; ms: number };

const ALWAYS = Number.MAX_SAFE_INTEGER;
const MOSTLY_FINE = [0, 0, 0, 0, 1, ALWAYS];

/** Makes a program of some ten calls. The `failures` of each of its steps are among the given ones. */
export function makeProgram(random: Random, failures: number[] = MOSTLY_FINE): Program {
  let calls = 0;
  const makeCall = (): ProgramCall => {
    calls += 1;
    const id = calls;
    if (random.chance(0.15)) {
      return { kind: random.among(["random", "uuid", "now", "patched", "patched"]), id };
    }
    const name = random.among(["reserve", "charge", "ship"]);
    const ms = random.below(4);
    return { kind: "step", id, name, input: id, ms, failures: random.among(failures) };
  };
  const make = (depth: number): Program => {
    const parts = (least: number) =>
      Array.from({ length: least + random.below(3) }, () => make(depth - 1));
    if (depth === 3) return { kind: "sequence", parts: parts(2) };
    if (depth === 0 || random.chance(0.3)) return makeCall();
    const kind = random.among(["sequence", "all", "allSettled", "race", "any", "try"] as const);
    if (kind !== "try") return { kind, parts: parts(1) };
    return { kind, body: make(depth - 1), handler: make(depth - 1) };
  };
  return make(3);
}

/** Returns whether the output depends on which branch is first. */
export function races(program: Program): boolean {
  if (program.kind === "try") return races(program.body) || races(program.handler);
  if (!("parts" in program)) return false;
  const { kind, parts } = program;
  if (kind === "race" || kind === "any") return parts.length > 1 || parts.some(races);
  // Of two failures, Promise.all throws the first.
  return parts.some(races) || (kind === "all" && parts.filter(mayFail).length > 1);
}

/** Returns whether the program may throw in its first run. */
export function mayFail(program: Program): boolean {
  if (program.kind === "try") return mayFail(program.handler);
  if (program.kind === "step") return program.failures > 1;
  return "parts" in program && program.kind !== "allSettled" && program.parts.some(mayFail);
}

/** Returns all calls of a program, including those that a run may not make. */
export function callsIn(program: Program): ProgramCall[] {
  if (program.kind === "try") return [...callsIn(program.body), ...callsIn(program.handler)];
  if ("parts" in program) return program.parts.flatMap(callsIn);
  return program.kind === "wait" ? [] : [program];
}

/** Returns the program with each call replaced. */
export function withCalls(program: Program, replace: (call: ProgramCall) => Program): Program {
  if (program.kind === "try") {
    const body = withCalls(program.body, replace);
    return { ...program, body, handler: withCalls(program.handler, replace) };
  }
  if ("parts" in program) {
    return { ...program, parts: program.parts.map((part) => withCalls(part, replace)) };
  }
  return program.kind === "wait" ? program : replace(program);
}
