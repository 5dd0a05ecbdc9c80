import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tools/lessons/lessons.ts";
import type { Contestant } from "../contestants.ts";
import type { Result } from "../results.ts";
import type { TargetVerdict } from "../targets.ts";
import { workloads } from "../workloads.ts";
import { chartOf } from "./chart.ts";
import { resultsPage } from "./results-page.ts";
import type { Setting } from "./setting.ts";

export type BenchResults = {
  setting: Setting;
  contestants: readonly Contestant[];
  results: readonly Result[];
  verdicts: readonly TargetVerdict[];
  /** Whether it is a full run. Only a full run replaces the committed results. */
  isWhole: boolean;
};

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));

/** Writes the tables, the chart and all figures. Returns the folder; undefined if none is given for a partial run. */
export function writeResults(all: BenchResults, given: string | undefined): string | undefined {
  const { setting, contestants, results, verdicts, isWhole } = all;
  const folder = given ?? (isWhole ? RESULTS : undefined);
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string) => writeFileSync(path.join(folder, name), content);
  write("results.json", `${JSON.stringify({ setting, results, verdicts }, null, 2)}\n`);
  write("README.md", resultsPage(setting, workloads, contestants, results, verdicts));
  write("chart.svg", chartOf(setting, workloads, results));
  format(folder);
  return path.relative(process.cwd(), folder);
}

/** Formats the files for the repository's own check. Biome ignores a folder outside of the repository. */
function format(folder: string): void {
  const requireOfTools = createRequire(path.join(repositoryRoot, "shared/tools/package.json"));
  const biome = requireOfTools.resolve("@biomejs/biome/bin/biome");
  spawnSync(process.execPath, [biome, "format", "--write", folder], { cwd: repositoryRoot });
}
