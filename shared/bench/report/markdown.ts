import type { Contestant } from "../contestants.ts";
import type { Result } from "../results.ts";
import type { Verdict } from "../targets.ts";
import type { Workload } from "../workloads.ts";
import { figure, rowsOf } from "./rows.ts";
import type { Setting } from "./setting.ts";

/** All that was measured, as a page. */
export function markdownOf(
  setting: Setting,
  workloads: readonly Workload[],
  contestants: readonly Contestant[],
  results: readonly Result[],
  verdicts: readonly Verdict[],
): string {
  const measured = new Set(results.map(({ contestant }) => contestant));
  const blocks = [
    "# What was measured",
    "Written by `pnpm bench`; [how](../README.md). Medians and ranges over the rounds.",
    setting.lines.map((line) => `- ${line}`).join("\n"),
    ...workloads.flatMap((workload) => {
      const rows = rowsOf(workload, results);
      return rows.length === 0
        ? []
        : [
            `## ${workload.title}`,
            `${sentence(workload.what)} ${amount(workload, setting)}`,
            table(rows),
          ];
    }),
    ...(verdicts.length === 0 ? [] : ["## To reach", table(verdicts.map(verdictRow))]),
    "## Configurations",
    table(
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

/** A table of Markdown; the first row's keys are the columns. */
export function table(rows: readonly Record<string, string>[]): string {
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

function verdictRow({ workload, says, beside, value, reached }: Verdict): Record<string, string> {
  return {
    workload,
    "to reach": says,
    ours: figure(value),
    beside: beside ?? "",
    "": reached ? "reached" : "**not reached**",
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function amount({ sizes }: Workload, { quick }: Setting): string {
  const counts = sizes[quick ? "quick" : "full"].map(({ tasks }) => tasks.toLocaleString("en-US"));
  return `Tasks: ${counts.join(" and ")}.`;
}
