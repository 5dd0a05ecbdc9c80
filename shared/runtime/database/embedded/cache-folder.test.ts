import * as fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { UserError } from "../../user-error.ts";
import { cacheCandidates, cloneFile, guideFolder, serverFolder } from "./cache-folder.ts";
import { answer, newFolder } from "./fixture/servers.ts";
import { startEmbedded } from "./index.ts";
import { deleteUnused } from "./reset.ts";

const GUIDE = "durable-execution-the-hard-way";
const isWindows = process.platform === "win32";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe.skipIf(isWindows)("the cache folder", () => {
  test("is in an ordinary user's cache folder, or in a temporary one", () => {
    vi.spyOn(process, "getuid").mockReturnValue(1234);
    vi.stubEnv("XDG_CACHE_HOME", "/caches");
    expect(cacheCandidates()).toEqual([
      path.join("/caches", GUIDE),
      path.join(os.tmpdir(), `${GUIDE}-1234`),
    ]);
    vi.stubEnv("XDG_CACHE_HOME", "");
    vi.stubEnv("HOME", "/home/reader");
    expect(cacheCandidates()[0]).toMatch(/^\/home\/reader\/(\.cache|Library\/Caches)\//);
  });

  test("is outside root's home, which the server's user cannot enter", () => {
    vi.spyOn(process, "getuid").mockReturnValue(0);
    vi.stubEnv("HOME", "/root");
    vi.stubEnv("XDG_CACHE_HOME", "/root/.cache");
    for (const folder of cacheCandidates()) expect(folder).toMatch(/^\/(var|Library|tmp)\//);
  });

  test("is the first candidate that Postgres can use", () => {
    const parent = temporaryFolder();
    const link = path.join(parent, "link");
    fs.symlinkSync(temporaryFolder(), link);
    const file = path.join(parent, "file");
    fs.writeFileSync(file, "");
    const unusable = [
      "relative",
      path.join(parent, "a $HOME"),
      path.join(file, "below"),
      file,
      link,
    ];
    const good = path.join(parent, "caches", "of the guide");
    expect(guideFolder([...unusable, good])).toBe(good);
    expect(fs.statSync(good).mode & 0o077).toBe(process.getuid?.() === 0 ? 0o011 : 0);
    expect(() => guideFolder(unusable)).toThrow(UserError);
    expect(() => guideFolder(unusable)).toThrow(
      /relative or in .* must be private, owned by you.*DATABASE_URL/,
    );
  });

  test("is never a folder of another user", () => {
    const folder = temporaryFolder();
    const { uid } = fs.statSync(folder);
    vi.spyOn(process, "getuid").mockReturnValue(uid + 1);
    expect(() => guideFolder([folder])).toThrow(UserError);
  });
});

test("a reset of everything stops and deletes the servers of clones that are gone", async () => {
  const guide = await newFolder("guide");
  const [own, gone] = [path.join(guide, "own"), path.join(guide, "gone")];
  for (const cache of [own, gone]) fs.mkdirSync(cache, { recursive: true, mode: 0o711 });
  fs.chmodSync(guide, 0o711);
  fs.writeFileSync(path.join(own, cloneFile), guide);
  fs.writeFileSync(path.join(gone, cloneFile), "/no/such/clone");
  const url = await startEmbedded({ folder: serverFolder(gone) });
  const said: string[] = [];

  await deleteUnused(own, (line) => said.push(line));

  expect(said).toEqual([expect.stringContaining("/no/such/clone")]);
  await expect(answer(url, "select 1 as it")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(fs.existsSync(guide)).toBe(false);
});

test("a reset does not delete files that another server still needs", async () => {
  const own = path.join(await newFolder("guide"), "own");
  const programs = path.join(own, "postgres-18");
  fs.mkdirSync(programs, { recursive: true });
  const throwAway = path.join(own, `throw-away-${process.pid}-x`);
  fs.mkdirSync(throwAway);
  await deleteUnused(own, () => {});
  expect(fs.existsSync(programs)).toBe(true);
  fs.rmdirSync(throwAway);
  await deleteUnused(own, () => {});
  expect(fs.existsSync(own)).toBe(false);
});

function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "cache-test-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}
