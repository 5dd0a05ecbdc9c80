// node shared/run.mjs [--needs=FOLDER] FILE.ts [ARGUMENT…]
//
// Runs a TypeScript file of a workspace package, and installs first what that package needs and lacks, or
// what the package in FOLDER does, where the file itself does with less than its own package.
// pnpm's own `verifyDepsBeforeRun` does so for the first command in a fresh clone. But if that one was
// `pnpm --filter lesson-02 start`, it installed for lesson 02 alone, and from then on takes the other
// packages for installed too.
//
// Plain JavaScript, and no imports but Node's: it runs before anything is installed.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import module, { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

if (Number.parseInt(process.versions.node, 10) < 20) {
  console.error(
    `Node ${process.versions.node} is too old for this guide; install Node 20 or newer.`,
  );
  process.exit(1);
}

const needs = /^--needs=(.*)$/.exec(process.argv[2] ?? "")?.[1];
const [file = "", ...args] = process.argv.slice(needs === undefined ? 2 : 3);
const script = path.resolve(file);
const home = needs === undefined ? packageOf(script) : path.resolve(needs);
if (lacksSomething(home, new Set())) install(readManifest(home).name);

const require = createRequire(path.join(home, "package.json"));
const tsx = pathToFileURL(require.resolve("tsx")).href;
// Before Node 20.6 a loader could not be registered by an import.
const hook = "register" in module ? "--import" : "--loader";
const child = spawn(process.execPath, [hook, tsx, script, ...args], { stdio: "inherit" });
// Ctrl-C reaches the child by itself; what it says last is worth waiting for.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code ?? 1);
  }
});

function packageOf(where) {
  const folder = path.dirname(where);
  return existsSync(path.join(folder, "package.json")) ? folder : packageOf(folder);
}

function readManifest(folder) {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
}

/** Whether a package, or a package of the workspace that it depends on, has a dependency missing. */
function lacksSomething(folder, seen) {
  if (seen.has(folder)) return false;
  seen.add(folder);
  const { dependencies, devDependencies } = readManifest(folder);
  return Object.entries({ ...dependencies, ...devDependencies }).some(([name, version]) => {
    const linked = path.join(folder, "node_modules", name);
    if (!existsSync(linked)) return true;
    return version.startsWith("workspace:") && lacksSomething(realpathSync(linked), seen);
  });
}

function install(name) {
  // On Windows pnpm is a script, which only a shell can start.
  const { status } = spawnSync("pnpm", ["--filter", `${name}...`, "install"], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error("The install failed; see above. `pnpm install` tries it again.");
  process.exit(1);
}
