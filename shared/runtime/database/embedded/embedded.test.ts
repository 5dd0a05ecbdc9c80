import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { UserError } from "../../user-error.ts";
import { connect } from "../connect.ts";
import { backendPid } from "../until-waiting.ts";
import { findBinaries } from "./binaries.ts";
import {
  embeddedStatus,
  resetEmbedded,
  restartEmbedded,
  startEmbedded,
  stopEmbedded,
  withThrowAwayServer,
} from "./index.ts";
import { folderElsewhere } from "./place.ts";
import { isLinux, postgresProcesses } from "./process-table.ts";

const homes: string[] = [];

afterEach(async () => {
  for (const home of homes.splice(0)) {
    await resetEmbedded({ home });
    fs.rmSync(path.dirname(path.dirname(home)), { recursive: true, force: true });
  }
});

afterAll(() => {
  if (setUp) fs.rmSync(path.dirname(path.dirname(setUp)), { recursive: true, force: true });
});

describe("one server", { timeout: 60_000 }, () => {
  test("is started once by four processes that start it at once", async () => {
    const home = newHome();
    const starters = [1, 2, 3, 4].map(() => startInProcess(home));
    const urls = await Promise.all(starters.map(({ stdout }) => stdout));
    expect(new Set(urls).size).toBe(1);
    expect(await answer(String(urls[0]), "select 1 as it")).toBe(1);
  });

  test("is found again without a word", async () => {
    const home = await homeSetUp();
    const url = await startEmbedded({ home });
    const said: string[] = [];
    expect(await startEmbedded({ home, say: (line) => said.push(line) })).toBe(url);
    expect(said).toEqual([]);
  });

  test("says when it is set up and when it is ready", async () => {
    const home = newHome();
    const said: string[] = [];
    await startEmbedded({ home, say: (line) => said.push(line) });
    const { port } = await embeddedStatus({ home });
    expect(said[0]).toBe("Postgres 18 is set up in .postgres (once) …");
    expect(said[1]).toMatch(new RegExp(`^Postgres 18 is ready on 127\\.0\\.0\\.1:${port} \\(\\d+`));
  });

  test("keeps its port and its data when it is stopped and started", async () => {
    const home = await homeSetUp();
    const url = await startEmbedded({ home });
    await answer(url, "create table kept as select 7 as it");
    expect(await stopEmbedded({ home })).toBe(true);
    expect(await stopEmbedded({ home })).toBe(false);
    expect((await embeddedStatus({ home })).state).toBe("stopped");
    expect(await startEmbedded({ home })).toBe(url);
    expect(await answer(url, "select it from kept")).toBe(7);
  });

  test("keeps both when it is restarted, and ends all connections", async () => {
    const home = await homeSetUp();
    const sql = connect(await startEmbedded({ home }), { max: 1 });
    await sql`create table kept as select 7 as id`;
    const before = await backendPid(sql);
    expect(await restartEmbedded({ home })).toBe(await startEmbedded({ home }));
    await sql`select`.catch(() => {});
    expect(await sql`select id, pg_backend_pid() <> ${before} as is_new from kept`).toEqual([
      { id: 7, isNew: true },
    ]);
    await sql.end();
  });

  test("moves to another port, and stays there, when its own is taken", async () => {
    const home = await homeSetUp();
    const before = new URL(await startEmbedded({ home })).port;
    await stopEmbedded({ home });
    const other = net.createServer().listen(Number(before), "127.0.0.1");
    await once(other, "listening");
    const url = await startEmbedded({ home });
    other.close();
    expect(new URL(url).port).not.toBe(before);
    expect(await startEmbedded({ home })).toBe(url);
    expect(await answer(url, "select 1 as it")).toBe(1);
  });

  test("lives in a folder whose name has spaces and accents", async () => {
    const home = newHome("mon dépôt à moi");
    expect(await answer(await startEmbedded({ home }), "select 1 as it")).toBe(1);
    expect((await embeddedStatus({ home })).elsewhere).toBe(false);
  });

  test.skipIf(process.platform === "win32")("tells its password to its owner only", async () => {
    const home = newHome();
    await startEmbedded({ home });
    expect(fs.statSync(path.join(home, "server.json")).mode & 0o777).toBe(0o600);
  });

  test("lets nobody in with another password", async () => {
    const url = new URL(await startEmbedded({ home: await homeSetUp() }));
    url.password = "wrong";
    await expect(answer(url.href, "select 1 as it")).rejects.toMatchObject({ code: "28P01" });
  });
});

describe("after a crash", { timeout: 60_000 }, () => {
  test("of the server, what was committed is there", async () => {
    const home = await homeSetUp();
    const url = await startEmbedded({ home });
    await answer(url, "create table kept as select 7 as it");
    await killServer(home);
    expect(await answer(await startEmbedded({ home }), "select it from kept")).toBe(7);
  });

  test.runIf(isLinux)("the server's pid may be that of another program", async () => {
    const home = await homeSetUp();
    await startEmbedded({ home });
    await killServer(home);
    const file = path.join(home, "data", "postmaster.pid");
    const [, ...others] = fs.readFileSync(file, "utf8").split("\n");
    fs.writeFileSync(file, [process.pid, ...others].join("\n"));
    expect((await embeddedStatus({ home })).state).toBe("stopped");
    expect(await answer(await startEmbedded({ home }), "select 1 as it")).toBe(1);
  });

  test("of the first start, the next one sets up the server", async () => {
    const home = newHome();
    const starter = startInProcess(home);
    await until(() => setups(home).length > 0);
    starter.process.kill("SIGKILL");
    await starter.exit;
    expect(await answer(await startEmbedded({ home }), "select 1 as it")).toBe(1);
    expect(setups(home)).toEqual([]);
  });

  test.skipIf(process.platform === "win32")(
    "SIGTERM in the first start leaves nothing",
    async () => {
      const home = newHome();
      const starter = startInProcess(home);
      await until(() => setups(home).length > 0);
      starter.process.kill("SIGTERM");
      expect(await starter.exit).toBe(143);
      expect(fs.readdirSync(home)).toEqual(["server.json"]);
      expect(postgresProcesses().filter(({ args }) => args.join().includes(home))).toEqual([]);
      expect(await answer(await startEmbedded({ home }), "select 1 as it")).toBe(1);
    },
  );

  test.runIf(isLinux)("the deleted home gets a new server, and the old one goes", async () => {
    const home = await homeSetUp();
    const old = await startEmbedded({ home });
    const oldPid = serverPid(home);
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    const url = await startEmbedded({ home });
    expect(url).not.toBe(old);
    expect(await answer(url, "select 1 as it")).toBe(1);
    expect(postgresProcesses().map(({ pid }) => pid)).not.toContain(oldPid);
  });

  test("of its data, it says which line of the log tells why, and reset helps", async () => {
    const home = await homeSetUp();
    await startEmbedded({ home });
    await stopEmbedded({ home });
    fs.rmSync(path.join(home, "data", "global", "pg_control"));
    const failure = startEmbedded({ home });
    await expect(failure).rejects.toThrow(UserError);
    await expect(failure).rejects.toThrow(/pg_control.*log.*pnpm db reset/s);
    await resetEmbedded({ home });
    expect(await answer(await startEmbedded({ home }), "select 1 as it")).toBe(1);
  });
});

describe.skipIf(process.platform === "win32")("elsewhere", { timeout: 60_000 }, () => {
  // Postgres hands its paths to a shell, to which a dollar means something.
  test("is where the server lives that cannot live in its home", async () => {
    const home = newHome("a $HOME");
    const url = await startEmbedded({ home });
    await answer(url, "create table kept as select 7 as it");
    const { folder, elsewhere } = await embeddedStatus({ home });
    expect([folder, elsewhere]).toEqual([folderElsewhere(home), true]);
    await stopEmbedded({ home });
    expect(await answer(await startEmbedded({ home }), "select it from kept")).toBe(7);
    await resetEmbedded({ home });
    expect(fs.existsSync(folder)).toBe(false);
  });

  test("is emptied when the home was deleted", async () => {
    const home = newHome("a $HOME");
    const old = await startEmbedded({ home });
    await answer(old, "create table forgotten ()");
    fs.rmSync(home, { recursive: true });
    const url = await startEmbedded({ home });
    expect(await answer(url, "select to_regclass('forgotten') as it")).toBe(null);
    await expect(answer(old, "select 1 as it")).rejects.toThrow();
  });
});

describe("a throw-away server", { timeout: 60_000 }, () => {
  test("is there during the work, and gone after it", async () => {
    const url = await withThrowAwayServer(async (url) => {
      expect(await answer(url, "select 1 as it")).toBe(1);
      return url;
    });
    await expect(answer(url, "select 1 as it")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("is gone after work that failed", async () => {
    let url = "";
    const work = withThrowAwayServer(async (given) => {
      url = given;
      throw new Error("the work failed");
    });
    await expect(work).rejects.toThrow("the work failed");
    await expect(answer(url, "select 1 as it")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test.skipIf(process.platform === "win32")("is gone after SIGTERM", async () => {
    const worker = runModule(`
      import { withThrowAwayServer } from "${new URL("./index.ts", import.meta.url)}";
      await withThrowAwayServer((url) => {
        console.log(url);
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      });
    `);
    const [line] = await once(worker.process.stdout as NodeJS.ReadableStream, "data");
    worker.process.kill("SIGTERM");
    expect(await worker.exit).toBe(143);
    const url = String(line).trim();
    await expect(answer(url, "select 1 as it")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

test.each([
  ["freebsd", "x64"],
  ["win32", "arm64"],
])("%s-%s has no Postgres of its own, and is told of the other ways", async (platform, arch) => {
  const failure = findBinaries(platform, arch);
  await expect(failure).rejects.toThrow(UserError);
  await expect(failure).rejects.toThrow(/docker compose up -d --wait.*DATABASE_URL.*15 or newer/);
});

/** A home in a folder that the server's user reaches, also when we are root. */
function newHome(name = "clone"): string {
  const parent = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "embedded-test-"));
  fs.chmodSync(parent, 0o755);
  const home = path.join(parent, name, ".postgres");
  fs.mkdirSync(path.dirname(home));
  homes.push(home);
  return home;
}

let setUp: string | undefined;

/** A home whose server was set up, and does not run. That takes a second or two, so it is a copy of one. */
async function homeSetUp(): Promise<string> {
  if (!setUp) {
    const first = newHome();
    await startEmbedded({ home: first });
    await stopEmbedded({ home: first });
    // From here on it outlives the test.
    setUp = homes.splice(homes.indexOf(first), 1)[0] as string;
  }
  const home = newHome();
  // It has to keep the owners of the files, too.
  if (process.platform === "win32") fs.cpSync(setUp, home, { recursive: true });
  else execFileSync("cp", ["-a", setUp, home]);
  return home;
}

function startInProcess(home: string) {
  return runModule(`
    import { startEmbedded } from "${new URL("./index.ts", import.meta.url)}";
    process.stdout.write(await startEmbedded({ home: ${JSON.stringify(home)} }));
  `);
}

type Running = { process: ChildProcess; exit: Promise<number | null>; stdout: Promise<string> };

/** `stdout` ends when nobody holds the pipe any more, so it would wait for a server that does. */
function runModule(source: string): Running {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", source],
    {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return {
    process: child,
    exit: new Promise((resolve) => child.once("exit", resolve)),
    stdout: new Promise((resolve) => child.once("close", () => resolve(text))),
  };
}

function setups(home: string): string[] {
  if (!fs.existsSync(home)) return [];
  return fs.readdirSync(home).filter((name) => name.startsWith("setup-"));
}

async function killServer(home: string): Promise<void> {
  process.kill(serverPid(home), "SIGKILL");
  await until(async () => (await embeddedStatus({ home })).state === "stopped");
}

function serverPid(home: string): number {
  return Number.parseInt(fs.readFileSync(path.join(home, "data", "postmaster.pid"), "utf8"), 10);
}

/** What the column `it` of the only row says. */
async function answer(url: string, query: string): Promise<unknown> {
  const sql = connect(url, { max: 1 });
  try {
    const [row] = await sql.unsafe(query);
    return row?.it;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${condition}`);
    await sleep(5);
  }
}
