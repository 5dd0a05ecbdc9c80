import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { undoOnExit } from "../runtime/database/embedded/exit.ts";
import { findFreePort } from "../runtime/database/embedded/ports.ts";
import { type SystemUser, serviceUser } from "../runtime/database/embedded/service-user.ts";

// Servers from the operating system's packages, if installed. They have JIT and a pooler, which the embedded server lacks.

/** A separate server for a test; `stop` also deletes its files. */
export type InstalledServer = { url: string; stop(): Promise<void> };

/** Returns the program folder of the newest installed Postgres with JIT; undefined if there is none. */
export function postgresWithJit(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : [];
  return versions.map((version) => path.join(debian, version, "bin")).find(canCompile);
}

function canCompile(bin: string): boolean {
  const hasPrograms = ["initdb", "postgres"].every((name) => existsSync(path.join(bin, name)));
  return hasPrograms && existsSync(path.join(bin, "../lib/llvmjit.so"));
}

/** Returns the path of an installed PgBouncer; undefined if there is none. */
export function pgbouncer(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin"];
  return folders.map((folder) => path.join(folder, "pgbouncer")).find(existsSync);
}

/** Returns a line that says which of these servers the tests also use, and which are missing. */
export function installedServers(): string {
  const found = { "Postgres with JIT": postgresWithJit(), PgBouncer: pgbouncer() };
  const parts = Object.entries(found).map(([name, where]) =>
    where ? `${name} (${where})` : `no ${name}: its tests do not run`,
  );
  return `Installed servers to test with: ${parts.join(", ")}`;
}

/** Starts an empty Postgres with its default settings, except that it is not durable, for speed. */
export async function startPostgres(bin: string): Promise<InstalledServer> {
  const { folder, user, remove } = ownFolder();
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  const data = path.join(folder, "data");
  const initdb = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
  execFileSync(path.join(bin, "initdb"), initdb, { ...as, cwd: folder, stdio: "pipe" });
  const port = await findFreePort();
  const settings = ["-c", "listen_addresses=127.0.0.1", "-k", folder, "-p", String(port)];
  const stop = await start(path.join(bin, "postgres"), ["-D", data, "-F", ...settings], {
    ...{ as, folder, remove, stopSignal: "SIGINT" as const },
    isReady: /database system is ready/,
  });
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}

/** Starts a PgBouncer in front of the server of `url`, with only the required settings. */
export async function startPgBouncer(
  program: string,
  url: string,
  mode: "session" | "transaction" | "statement",
): Promise<InstalledServer> {
  const { folder, user, remove } = ownFolder();
  const server = new URL(url);
  const port = await findFreePort();
  const file = (name: string, lines: string[]) => {
    writeFileSync(path.join(folder, name), `${lines.join("\n")}\n`);
    return path.join(folder, name);
  };
  const users = file("users.txt", [`"${server.username}" "${server.password}"`]);
  const config = file("pgbouncer.ini", [
    "[databases]",
    `* = host=${server.hostname} port=${server.port || 5432}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    `auth_type = ${server.password ? "scram-sha-256" : "trust"}`,
    `auth_file = ${users}`,
    `pool_mode = ${mode}`,
  ]);
  const stop = await start(program, [config], {
    ...{ as: user ? { uid: user.uid, gid: user.gid } : {}, folder, remove },
    stopSignal: "SIGTERM",
    isReady: /process up/,
  });
  return { url: Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href, stop };
}

/** Returns a new folder in the system's temporary folder: under root, the server runs as another user, who must reach it. */
function ownFolder(): { folder: string; user: SystemUser | undefined; remove(): void } {
  const user = serviceUser();
  const folder = mkdtempSync(path.join(os.tmpdir(), "durable-installed-"));
  chmodSync(folder, 0o700);
  if (user) chownSync(folder, user.uid, user.gid);
  return { folder, user, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

type Start = {
  as: { uid?: number; gid?: number };
  folder: string;
  remove(): void;
  stopSignal: NodeJS.Signals;
  /** Matches the log line that says that the server accepts connections. */
  isReady: RegExp;
};

async function start(
  program: string,
  args: string[],
  { as, folder, remove, stopSignal, isReady }: Start,
): Promise<() => Promise<void>> {
  const child = spawn(program, args, { ...as, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const kill = () => {
    child.kill("SIGKILL");
    remove();
  };
  const takeBack = undoOnExit(kill);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      if (isReady.test(line)) resolve();
    });
    void ended.then(() => reject(new Error(`${program} exited:\n${log.join("\n")}`)));
  }).catch((error) => {
    kill();
    takeBack();
    throw error;
  });
  return async () => {
    child.kill(stopSignal);
    await ended;
    takeBack();
    remove();
  };
}
