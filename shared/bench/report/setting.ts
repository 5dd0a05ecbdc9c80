import os from "node:os";
import type { BenchServer } from "../bench-server.ts";
import type { Contestant } from "../contestants.ts";
import { installedVersion, requiredNode } from "../install.ts";
import type { Choice } from "../schedule.ts";

/** The conditions under which the figures were measured. */
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
  /** The versions of the peers, by their names. */
  versions: Record<string, string>;
  /** The same as sentences. */
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
      `One connection commits ${server.commitsPerSecond} single rows per second`,
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      `${quick ? "Quick: few tasks, the last lesson; " : ""}rounds ${rounds}, seed ${seed}`,
      "Each worker has warmed up on another database before the clock starts, except in resume, where it has just been started",
      ...contestants.flatMap(({ name, leftOut }) =>
        leftOut === undefined ? [] : [`${name} was not measured: ${leftOut}`],
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

/** Some peers ask for a newer Node than the one in use. The check of each run shows whether they work on it. */
function remark(of: string): string {
  const oldest = /^>=\s*(\d+)/.exec(requiredNode(of) ?? "")?.[1];
  const isOlder =
    oldest !== undefined && Number.parseInt(process.versions.node, 10) < Number(oldest);
  return isOlder ? ` (asks for Node ${oldest})` : "";
}
