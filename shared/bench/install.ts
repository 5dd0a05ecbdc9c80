import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../runtime/user-error.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/**
 * Installs the peers from this folder's lockfile, unless all of them are installed in the required versions. Throws a
 * `UserError` if pnpm fails.
 */
export function installPeers(): void {
  const required = Object.entries(dependencies());
  if (required.every(([name, version]) => installedVersion(name) === version)) return;
  // On Windows, pnpm is a script that only a shell can start.
  const { status } = spawnSync("pnpm", ["install", "--frozen-lockfile"], {
    cwd: HERE,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  throw new UserError(
    "The peers could not be installed; see above. Run `pnpm bench` to try again.",
  );
}

function dependencies(): Record<string, string> {
  return JSON.parse(readFileSync(path.join(HERE, "package.json"), "utf8")).dependencies;
}

/** Returns the installed version of a package; undefined if it is not installed. */
export function installedVersion(name: string): string | undefined {
  return manifestOf(name)?.version;
}

/** Returns the `engines.node` range of an installed package; undefined if it has none or is not installed. */
export function requiredNode(name: string): string | undefined {
  return manifestOf(name)?.engines?.node;
}

function manifestOf(name: string): { version: string; engines?: { node?: string } } | undefined {
  const file = path.join(HERE, "node_modules", name, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}
