import type { Contestant } from "../contestants.ts";
import type { Result } from "../results.ts";
import type { TargetVerdict } from "../targets.ts";
import type { Workload } from "../workloads.ts";
import { figure, rowsOf } from "./rows.ts";
import type { Setting } from "./setting.ts";

/** Returns the README of the results, as Markdown. */
export function resultsPage(
  setting: Setting,
  workloads: readonly Workload[],
  contestants: readonly Contestant[],
  results: readonly Result[],
  verdicts: readonly TargetVerdict[],
): string {
  const measured = new Set(results.map(({ contestant }) => contestant));
  const blocks = [
    "# Results of the benchmark",
    "Written by `pnpm bench`; [its README](../README.md) explains how it measures. The tables show medians and ranges across all rounds.",
    setting.lines.map((line) => `- ${line}`).join("\n"),
    ...workloads.flatMap((workload) => {
      const rows = rowsOf(workload, results);
      return rows.length === 0
        ? []
        : [
            `## ${workload.title}`,
            `${sentence(workload.what)} ${amount(workload, setting)}`,
            markdownTable(rows),
          ];
    }),
    ...(verdicts.length === 0 ? [] : ["## Targets", markdownTable(verdicts.map(verdictRow))]),
    "## Configurations",
    markdownTable(
      contestants
        .filter(({ name }) => measured.has(name))
        .flatMap(({ name, configurations }) =>
          configurations.map((each) => ({
            contestant: name,
            configuration: each.name,
            "": each.says,
          })),
        ),
    ),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Returns a Markdown table whose columns are the keys of the first row. */
function markdownTable(rows: readonly Record<string, string>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const isNumber = (column: string) => rows.some((row) => /^\d/.test(row[column] ?? ""));
  return [
    line(columns),
    line(columns.map((column) => (isNumber(column) ? "--:" : "---"))),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ""))),
  ].join("\n");
}

function verdictRow({
  workload,
  says,
  beside,
  value,
  reached,
}: TargetVerdict): Record<string, string> {
  return {
    workload,
    target: says,
    ours: figure(value),
    beside: beside ?? "",
    "": reached ? "reached" : "**not reached**",
  };
}

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

function amount({ sizes }: Workload, { quick }: Setting): string {
  const counts = sizes[quick ? "quick" : "full"].map(({ tasks }) => tasks.toLocaleString("en-US"));
  return `Tasks: ${counts.join(" and ")}.`;
}
