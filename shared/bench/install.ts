import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../runtime/user-error.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Installs the peers from the lockfile beside this file, if they are not there as it wants them. */
export function installPeers(): void {
  const wanted = Object.entries(dependencies());
  if (wanted.every(([name, version]) => installedVersion(name) === version)) return;
  // On Windows pnpm is a script, which only a shell can start.
  const { status } = spawnSync("pnpm", ["install", "--frozen-lockfile"], {
    cwd: HERE,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  throw new UserError("The peers could not be installed; see above. `pnpm bench` tries it again.");
}

function dependencies(): Record<string, string> {
  return JSON.parse(readFileSync(path.join(HERE, "package.json"), "utf8")).dependencies;
}

/** Undefined if it is not installed. */
export function installedVersion(name: string): string | undefined {
  return manifestOf(name)?.version;
}

/** The versions of Node that a package says it is for; undefined if it does not say, or is not installed. */
export function wantedNode(name: string): string | undefined {
  return manifestOf(name)?.engines?.node;
}

function manifestOf(name: string): { version: string; engines?: { node?: string } } | undefined {
  const file = path.join(HERE, "node_modules", name, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}
