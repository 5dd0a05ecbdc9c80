import os from "node:os";
import type { Contestant } from "../contestants.ts";
import { installedVersion, wantedNode } from "../install.ts";
import type { Choice } from "../plan.ts";
import type { BenchServer } from "../server.ts";

/** What the figures were measured with; without it they say nothing. */
export type Setting = {
  date: string;
  machine: string;
  node: string;
  postgres: string;
  settings: Record<string, string>;
  commitsPerSecond: number;
  quick: boolean;
  rounds: number;
  seed: number;
  /** Of the peers, by their names. */
  versions: Record<string, string>;
  /** The same, to read. */
  lines: string[];
};

export function settingOf(
  server: BenchServer,
  contestants: readonly Contestant[],
  { quick, rounds, seed }: Choice,
): Setting {
  const cpus = os.cpus();
  const machine = `${cpus.length} × ${cpus[0]?.model.trim() ?? "CPU"}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()}`;
  const versions = versionsOf(contestants);
  const date = new Date().toISOString().slice(0, 10);
  const settings = Object.entries(server.settings).map(([name, value]) => `${name} ${value}`);
  return {
    date,
    machine,
    node: process.versions.node,
    postgres: server.version,
    settings: server.settings,
    commitsPerSecond: server.commitsPerSecond,
    quick,
    rounds,
    seed,
    versions,
    lines: [
      `${date}: ${machine}, Node ${process.versions.node}`,
      `Postgres ${server.version}: ${settings.join(", ")}`,
      `One connection commits ${server.commitsPerSecond} single rows in a second`,
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      `${quick ? "Quick: few tasks, the last lesson; " : ""}rounds ${rounds}, seed ${seed}`,
      "A worker has warmed up on another database when its clock starts; the one that resumes has just been started",
      ...contestants.flatMap(({ name, leftOut }) =>
        leftOut === undefined ? [] : [`${name} is left out: ${leftOut}`],
      ),
      ...contestants.flatMap(({ name, note }) => (note === undefined ? [] : [`${name} ${note}`])),
    ],
  };
}

function versionsOf(contestants: readonly Contestant[]): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const { name, package: of, leftOut } of contestants) {
    if (of === undefined || leftOut !== undefined) continue;
    versions[name] = `${installedVersion(of) ?? "?"}${remark(of)}`;
  }
  return versions;
}

/** Some ask for a newer Node than the one in use. Whether they run on it all the same, each run's count tells. */
function remark(of: string): string {
  const oldest = /^>=\s*(\d+)/.exec(wantedNode(of) ?? "")?.[1];
  const isOlder =
    oldest !== undefined && Number.parseInt(process.versions.node, 10) < Number(oldest);
  return isOlder ? ` (asks for Node ${oldest})` : "";
}
