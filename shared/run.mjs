// node shared/run.mjs [--needs=FOLDER] FILE.ts [ARGUMENT…]
//
// Runs a TypeScript file of a workspace package, after installing the package's missing dependencies. --needs names
// the folder of another package whose dependencies count instead: fewer that are enough for the file, or those of the
// lesson that it works on. The tools work on every lesson and need the dependencies of all of them.
//
// pnpm's own `verifyDepsBeforeRun` covers the first command in a fresh clone. But if that command was
// `pnpm --filter lesson-02 start`, pnpm installs only lesson 02's dependencies, and from then on considers the other
// packages installed too.
//
// This file is plain JavaScript and imports only Node's modules, because it runs before anything is installed.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
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
const packageFolder = needs === undefined ? packageOf(script) : path.resolve(needs);
const root = fileURLToPath(new URL("..", import.meta.url));
const isTools = readManifest(packageFolder).name === "tools";
const needed = isTools ? [packageFolder, ...lessonFolders()] : [packageFolder];
if (needed.some((folder) => isIncomplete(folder, new Set()))) install(needed);

const require = createRequire(path.join(packageFolder, "package.json"));
const tsx = pathToFileURL(require.resolve("tsx")).href;
// Before Node 20.6, an imported module cannot register a loader.
const hook = "register" in module ? "--import" : "--loader";
const child = spawn(process.execPath, [hook, tsx, script, ...args], { stdio: "inherit" });
// The terminal sends Ctrl-C to the child too. We wait for its last output.
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

function lessonFolders() {
  const names = readdirSync(path.join(root, "lessons")).filter((name) => /^\d\d-/.test(name));
  return names.map((name) => path.join(root, "lessons", name));
}

/** Returns the closest parent folder of a file or folder that contains a package.json. */
function packageOf(location) {
  const folder = path.dirname(location);
  return existsSync(path.join(folder, "package.json")) ? folder : packageOf(folder);
}

function readManifest(folder) {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
}

/** Returns whether a dependency of a package, or of a workspace package that it depends on, is not installed. */
function isIncomplete(folder, seen) {
  if (seen.has(folder)) return false;
  seen.add(folder);
  const { dependencies, devDependencies } = readManifest(folder);
  return Object.entries({ ...dependencies, ...devDependencies }).some(([name, version]) => {
    const linked = path.join(folder, "node_modules", name);
    if (!existsSync(linked)) return true;
    return version.startsWith("workspace:") && isIncomplete(realpathSync(linked), seen);
  });
}

function install(folders) {
  const filters = folders.flatMap((folder) => ["--filter", `${readManifest(folder).name}...`]);
  // On Windows, pnpm is a script that only a shell can start.
  const { status } = spawnSync("pnpm", [...filters, "install"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error("The installation failed; see above. Run `pnpm install` to try again.");
  process.exit(1);
}
