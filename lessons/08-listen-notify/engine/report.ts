import path from "node:path";
import { fileURLToPath } from "node:url";

type Call = { position: number; kind: string; name: string; inputHash: string | null };

export type Difference = {
  how: "different" | "changed" | "missing";
  /** Where the first difference is. */
  position: number;
  logged: Call[];
  asked: Call[];
  /** How the handler has ended, if it has. */
  ending?: string | undefined;
};

// As many calls are shown before the difference, and after it.
const AROUND = 3;

/** Tells where a program differs from its log: what the log holds on the left, what the code does on the right. */
export function report(task: { id: string; name: string }, difference: Difference): string {
  const { position, logged, asked, ending } = difference;
  const place = callSite();
  const left = byPosition(logged);
  const right = byPosition(asked);
  const end = Math.max(logged.at(-1)?.position ?? 0, asked.length);
  const last = Math.min(end, position + AROUND);
  const first = Math.max(1, position - AROUND);
  const rows = Array.from({ length: last - first + 1 }, (_, index) => {
    const at = first + index;
    const code = right.get(at) ?? (at === position && ending ? `(${ending})` : "");
    const where = at === position && place && !ending ? `  ${place}` : "";
    return [`${at === position ? ">" : " "} ${at}`, left.get(at) ?? "", `${code}${where}`];
  });
  const lines = columns([["", "the log", "the code"], ...rows]);
  return [
    `Task ${task.id} "${task.name}" does not do what its log says it did`,
    "",
    ...(first > 1 ? [lines[0], "  …", ...lines.slice(1)] : lines),
    "",
    verdict(difference, left.get(position), right.get(position), place),
    "The log is as it was. Mend the code, or keep the old way for old tasks with `patched`, and retry the task.",
  ].join("\n");
}

function verdict(
  { how, position, ending }: Difference,
  logged: string | undefined,
  asked: string | undefined,
  place: string | undefined,
): string {
  const at = place ? ` at ${place}` : "";
  switch (how) {
    case "different":
      return `Different: call ${position} was ${logged}, and is ${asked} now${at}.`;
    case "changed":
      return `Changed: call ${position} has another input than it had${at}.`;
    case "missing":
      return `Missing: call ${position} was ${logged}, and the handler ${ending} without it.`;
  }
}

function byPosition(calls: Call[]): Map<number, string> {
  return new Map(calls.map((call) => [call.position, describe(call)]));
}

function describe({ kind, name, inputHash }: Call): string {
  const named = !["now", "random", "uuid"].includes(kind);
  const input = inputHash === null ? "" : ` input ${inputHash.slice(0, 8)}`;
  return `${kind}${named ? ` ${JSON.stringify(name)}` : ""}${input}`;
}

function columns(rows: string[][]): string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const engine = path.dirname(fileURLToPath(import.meta.url));

/** File and line of whoever has called the engine, from the folder the process runs in. */
function callSite(): string | undefined {
  for (const line of new Error().stack?.split("\n") ?? []) {
    const [, file = "", row] = /^\s*at (?:.*\()?(?:async )?(.+):(\d+):\d+\)?$/.exec(line) ?? [];
    const absolute = file.startsWith("file:") ? fileURLToPath(file) : file;
    if (!path.isAbsolute(absolute) || path.dirname(absolute) === engine) continue;
    return `${path.relative(process.cwd(), absolute)}:${row}`;
  }
  return undefined;
}
