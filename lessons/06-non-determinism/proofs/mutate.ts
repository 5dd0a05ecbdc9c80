import type { Random } from "shared/testing";
import { type Program, type ProgramCall, withCalls } from "./programs.ts";

export type Mutant = { how: string; program: Program };

const ADDED = { kind: "step", id: 0, name: "inserted", input: 0, ms: 0, failures: 0 } as const;

/** Changes a program at one of the calls that its log holds. Returns undefined if the chosen change is not possible. */
export function mutate(
  program: Program,
  logged: ProgramCall[],
  random: Random,
): Mutant | undefined {
  const call = random.among(logged);
  const how = random.among(["swap", "rename", "insert", "drop", "change input"]);
  const replaceBy = (replacement: Program): Mutant => ({
    how,
    program: withCalls(program, (each) => (each.id === call.id ? replacement : each)),
  });
  if (!call) return undefined;
  if (how === "insert") return replaceBy({ kind: "sequence", parts: [ADDED, call] });
  if (how === "drop") return replaceBy({ kind: "sequence", parts: [] });
  if (call.kind !== "step") return undefined;
  if (how === "rename") return replaceBy({ ...call, name: "renamed" });
  if (how === "change input") return replaceBy({ ...call, input: 0 });
  const other = random.among(logged.filter((each) => each.kind === "step" && each.id !== call.id));
  if (!other) return undefined;
  const swapped = new Map([
    [call.id, other],
    [other.id, call],
  ]);
  return { how, program: withCalls(program, (each) => swapped.get(each.id) ?? each) };
}
