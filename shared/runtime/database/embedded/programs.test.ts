import * as fs from "node:fs";
import { expect, test } from "vitest";
import { UserError } from "../../user-error.ts";
import { clusterIn, createCluster, stopCluster } from "./cluster.ts";
import { answer, newFolder, type Running, runModule, until } from "./fixture/servers.ts";
import { startOnFreePort } from "./ports.ts";
import { findPackage } from "./postgres-package.ts";
import { postgresProcesses } from "./process-table.ts";
import { preparePrograms } from "./programs.ts";
import { urlOf } from "./record.ts";

test("three processes that need the programs at the same time create them once", async () => {
  const cache = await newFolder("mon cache à moi");
  const makers = [1, 2, 3].map(() => makeInProcess(cache));
  const passwords = await Promise.all(makers.map(({ stdout }) => stdout));
  expect(new Set(passwords)).toEqual(new Set([expect.stringMatching(/^\w{48}$/)]));
  expect(fs.readdirSync(cache)).toEqual(["clone", expect.stringMatching(/^postgres-18\./)]);

  const cluster = clusterIn(cache, await preparePrograms(() => {}, cache));
  await createCluster(cluster);
  const port = await startOnFreePort(cluster);
  const url = urlOf({ port, password: String(passwords[0]) });
  expect(await answer(url, "select 1 as it")).toBe(1);
  await stopCluster(cluster);
});

test("programs that a killed process left incomplete are created again", async () => {
  const cache = await newFolder("cache");
  const maker = makeInProcess(cache);
  await until(() => drafts(cache).length > 0);
  maker.process.kill("SIGKILL");
  await maker.exit;
  await preparePrograms(() => {}, cache);
  expect(drafts(cache)).toEqual([]);
});

test.skipIf(process.platform === "win32")("SIGTERM leaves no incomplete programs", async () => {
  const cache = await newFolder("cache");
  const maker = makeInProcess(cache);
  await until(() => drafts(cache).length > 0);
  maker.process.kill("SIGTERM");
  expect(await maker.exit).toBe(143);
  expect(fs.readdirSync(cache)).toEqual(["clone"]);
  expect(postgresProcesses().filter(({ args }) => args.join().includes(cache))).toEqual([]);
});

test.each([
  ["freebsd", "x64"],
  ["win32", "arm64"],
])("without programs for %s-%s, the error names other servers", (platform, arch) => {
  const find = () => findPackage(platform, arch);
  expect(find).toThrow(UserError);
  expect(find).toThrow(/docker compose up -d --wait.*DATABASE_URL.*15 or newer/);
});

function makeInProcess(cache: string): Running {
  return runModule(`
    import { preparePrograms } from "${new URL("./programs.ts", import.meta.url)}";
    const { password } = await preparePrograms(() => {}, ${JSON.stringify(cache)});
    process.stdout.write(password);
  `);
}

function drafts(cache: string): string[] {
  if (!fs.existsSync(cache)) return [];
  return fs.readdirSync(cache).filter((name) => name.startsWith("draft-"));
}
