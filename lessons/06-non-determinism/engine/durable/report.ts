import { fileURLToPath } from "node:url";
import { callSite, sideBySide } from "shared/console";
import type { Call } from "./event-log.ts";

export type Difference = {
  how: "different" | "changed" | "missing";
  /** The position of the first call that differs. */
  position: number;
  logged: Call[];
  made: Call[];
  /** How the handler has ended, if it has. */
  ending?: string | undefined;
};

const engine = fileURLToPath(new URL("..", import.meta.url));

/** Shows where a handler differs from its log: the calls of the log on the left, those of the code on the right. */
export function report(
  task: { id: string; name: string },
  { how, position, logged, made, ending }: Difference,
): string {
  const place = callSite(engine);
  const at = place ? ` at ${place}` : "";
  const left = byPosition(logged);
  const right = byPosition(made);
  const [was, is] = [left.get(position), right.get(position)];
  right.set(position, ending ? `(${ending})` : `${is}  ${place ?? ""}`);
  const verdicts = {
    different: `Different: call ${position} was ${was}, and is now ${is}${at}.`,
    changed: `Changed: the input of call ${position} is not what it was${at}.`,
    missing: `Missing: call ${position} was ${was}, and the handler ${ending} without it.`,
  };
  return [
    `Task ${task.id} "${task.name}" makes other calls than its log has`,
    "",
    ...sideBySide({ titles: ["the log", "the code"], left, right, at: position }),
    "",
    verdicts[how],
    "The log is unchanged. Fix the code, or keep the old path for old tasks with `patched`, and retry the task.",
  ].join("\n");
}

function byPosition(calls: Call[]): Map<number, string> {
  return new Map(calls.map((call) => [call.position, describe(call)]));
}

function describe({ kind, name, inputHash }: Call): string {
  const named = kind === "step" || kind === "transaction" || kind === "patched";
  const input = inputHash === null ? "" : ` input ${inputHash.slice(0, 8)}`;
  return `${kind}${named ? ` ${JSON.stringify(name)}` : ""}${input}`;
}
