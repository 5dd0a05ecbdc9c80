import type { Random } from "shared/testing";
import { mayFail, type Program } from "./programs.ts";

/**
 * Adds waits of 0 to 3 ms outside of the context to a program's sequences. None of them decides the order of two calls:
 * while a branch waits, no other branch makes a call. Otherwise the program itself would not be deterministic.
 */
export function withWaits(program: Program, random: Random): Program {
  if (program.kind === "try") {
    const body = withWaits(program.body, random);
    const handler = isQuiet(program.body) ? withWaits(program.handler, random) : program.handler;
    return { ...program, body, handler };
  }
  if (!("parts" in program)) return program;
  const { parts } = program;
  if (program.kind !== "sequence") {
    // Branches of one call make it at once, before any wait.
    const others = parts.filter((part) => "parts" in part || part.kind === "try");
    const isEndedByOthers = program.kind !== "allSettled" && parts.length > 1;
    if (others.length !== 1 || isEndedByOthers) return program;
    return { ...program, parts: parts.map((part) => withWaits(part, random)) };
  }
  const firstLoud = parts.findIndex((part) => !isQuiet(part));
  const end = firstLoud < 0 ? parts.length : firstLoud + 1;
  return {
    ...program,
    parts: parts.flatMap((part, index) => {
      if (index >= end) return [part];
      const wait: Program[] = random.chance(0.5) ? [{ kind: "wait", ms: random.below(4) }] : [];
      return [...wait, withWaits(part, random)];
    }),
  };
}

/** Returns whether no branch of the program goes on after the program has ended. */
function isQuiet(program: Program): boolean {
  if (program.kind === "try") return isQuiet(program.body) && isQuiet(program.handler);
  if (!("parts" in program)) return true;
  const { kind, parts } = program;
  const endsAlone = kind === "sequence" || kind === "allSettled" || parts.length === 1;
  return parts.every(isQuiet) && (endsAlone || (kind === "all" && !parts.some(mayFail)));
}
