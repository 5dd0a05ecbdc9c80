import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { connect } from "../../runtime/database/connect.ts";
import { newThrowAwayFolder, resetEmbedded } from "../../runtime/database/embedded/index.ts";
import { dbCommand } from "./db/index.ts";

let folder: string;

beforeAll(async () => {
  folder = await newThrowAwayFolder();
  vi.stubEnv("DATABASE_URL", undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.stubEnv("DATABASE_URL", undefined);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await resetEmbedded({ folder });
}, 60_000);

describe("pnpm db", { timeout: 60_000 }, () => {
  test("status reports the server as not set up, running, stopped, running", async () => {
    expect(await db("status")).toMatch(/^Postgres is not set up yet/);
    expect(await db("start")).toMatch(/is running on 127\.0\.0\.1:\d+\.\nIts data .* in /);
    expect(await db("status")).toContain(`Its data and its log are in ${folder}.`);
    expect(await db("stop")).toBe("Postgres is stopped; its data is kept.");
    expect(await db("stop")).toBe("Postgres was not running.");
    expect(await db("status")).toMatch(/^Postgres is stopped/);
    expect(await db("url", "2")).toMatch(/^postgres:\S+\/durable_lesson_02$/);
    expect(await db("url")).toMatch(/^postgres:\S+\/postgres$/);
    expect(await db("status")).toMatch(/^Postgres 18\.\d+ is running/);
  });

  test("reset refuses while a program is connected, unless it is forced", async () => {
    const sql = connect(await db("url"), { max: 1, applicationName: "lesson 07" });
    await sql`select 1`;
    await expect(db("reset")).rejects.toThrow("lesson 07 (postgres, 1 connection) is connected");
    expect(await db("reset", "--force")).toMatch(/^Postgres and all its data are deleted/);
    await sql.end({ timeout: 0 });
    expect(fs.existsSync(folder)).toBe(false);
    expect(await db("reset")).toMatch(/^Postgres and all its data are deleted/);
  });

  test("reports that DATABASE_URL takes precedence, and leaves its server alone", async () => {
    vi.stubEnv("DATABASE_URL", "postgres://me:secret@example.invalid/mine");
    expect(await db("status")).toContain("the lessons use postgres://me@example.invalid/mine");
    expect(await db("stop")).toContain("left alone: postgres://me@example.invalid/mine");
  });

  test("refuses a lesson that does not exist", async () => {
    await expect(db("url", "99")).rejects.toThrow('There is no lesson "99"');
  });

  test.each([[], ["start"], ["stop"], ["status"], ["reset"], ["url"]])(
    "has help: %s",
    (...args) => {
      const script = fileURLToPath(new URL("./db.ts", import.meta.url));
      const { status, stdout } = spawnSync(
        process.execPath,
        ["--import", "tsx", script, ...args, "--help"],
        { encoding: "utf8" },
      );
      expect(status).toBe(0);
      expect(stdout).toContain(["Usage: pnpm db", ...args].join(" "));
    },
  );
});

/** Returns what the command prints on stdout. */
async function db(...args: string[]): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
  await dbCommand(folder).parseAsync(args, { from: "user" });
  const lines = log.mock.calls.map(([line]) => line).join("\n");
  vi.restoreAllMocks();
  return lines;
}
