import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tools/lessons/lessons.ts";
import type { Contestant } from "../contestants.ts";
import type { Result } from "../results.ts";
import type { Verdict } from "../targets.ts";
import { workloads } from "../workloads.ts";
import { chartOf } from "./chart.ts";
import { markdownOf } from "./markdown.ts";
import type { Setting } from "./setting.ts";

export type Written = {
  setting: Setting;
  contestants: readonly Contestant[];
  results: readonly Result[];
  verdicts: readonly Verdict[];
  /** Whether it is all of the benchmark. A part does not take the place of that. */
  isWhole: boolean;
};

const RESULTS = fileURLToPath(new URL("../results", import.meta.url));

/** Writes the tables, the chart and all figures, and returns where; undefined if it is a part and no folder was given. */
export function writeResults(written: Written, given: string | undefined): string | undefined {
  const { setting, contestants, results, verdicts, isWhole } = written;
  const folder = given ?? (isWhole ? RESULTS : undefined);
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  write("results.json", `${JSON.stringify({ setting, results, verdicts }, null, 2)}\n`);
  write("README.md", markdownOf(setting, workloads, contestants, results, verdicts));
  write("chart.svg", chartOf(setting, workloads, results));
  format(folder);
  return path.relative(process.cwd(), folder);
}

/** As the repository's check of formats wants it; it leaves folders elsewhere alone. */
function format(folder: string): void {
  const ofTools = createRequire(path.join(repositoryRoot, "shared/tools/package.json"));
  const biome = ofTools.resolve("@biomejs/biome/bin/biome");
  spawnSync(process.execPath, [biome, "format", "--write", folder], { cwd: repositoryRoot });
}
