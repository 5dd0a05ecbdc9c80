import * as fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../user-error.ts";
import {
  answer,
  killServer,
  newFolder,
  serverPid,
  startInProcess,
  until,
} from "./fixture/servers.ts";
import { embeddedStatus, resetEmbedded, startEmbedded, stopEmbedded } from "./index.ts";
import { isLinux, postgresProcesses } from "./process-table.ts";

test("committed data survives a crash of the server", async () => {
  const folder = await newFolder();
  const url = await startEmbedded({ folder });
  await answer(url, "create table kept as select 7 as it");
  await killServer(folder);
  expect(await answer(await startEmbedded({ folder }), "select it from kept")).toBe(7);
});

test.runIf(isLinux)(
  "a server starts although another program has the pid of the crashed one",
  async () => {
    const folder = await newFolder();
    await startEmbedded({ folder });
    await killServer(folder);
    const file = path.join(folder, "data/postmaster.pid");
    const [, ...others] = fs.readFileSync(file, "utf8").split("\n");
    fs.writeFileSync(file, [process.pid, ...others].join("\n"));
    expect((await embeddedStatus({ folder })).state).toBe("stopped");
    expect(await answer(await startEmbedded({ folder }), "select 1 as it")).toBe(1);
  },
);

test("a start after an interrupted first start sets up the server", async () => {
  const folder = await newFolder();
  const starter = startInProcess(folder);
  await until(() => fs.existsSync(path.join(folder, "server.json")));
  starter.process.kill("SIGKILL");
  await starter.exit;
  expect(await answer(await startEmbedded({ folder }), "select 1 as it")).toBe(1);
});

test("an incomplete copy of the template is not used as the data folder", async () => {
  const folder = await newFolder();
  const draft = path.join(folder, "data.new");
  fs.mkdirSync(draft, { recursive: true });
  fs.writeFileSync(path.join(draft, "PG_VERSION"), "18\n");
  fs.writeFileSync(path.join(folder, "server.json"), '{ "port": 1, "password": "of no server" }');
  expect(await answer(await startEmbedded({ folder }), "select 1 as it")).toBe(1);
  expect(fs.existsSync(draft)).toBe(false);
});

test.runIf(isLinux)("a deleted folder gets a new server, and the old server ends", async () => {
  const folder = await newFolder();
  const old = await startEmbedded({ folder });
  const oldPid = serverPid(folder);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  const url = await startEmbedded({ folder });
  expect(url).not.toBe(old);
  expect(await answer(url, "select 1 as it")).toBe(1);
  expect(postgresProcesses().map(({ pid }) => pid)).not.toContain(oldPid);
});

test("data without a recorded password is replaced", async () => {
  const folder = await newFolder();
  await answer(await startEmbedded({ folder }), "create table forgotten ()");
  fs.rmSync(path.join(folder, "server.json"));
  const url = await startEmbedded({ folder });
  expect(await answer(url, "select to_regclass('forgotten') as it")).toBe(null);
});

test("a start with damaged data quotes the reason from the log, and a reset fixes it", async () => {
  const folder = await newFolder();
  await startEmbedded({ folder });
  await stopEmbedded({ folder });
  fs.rmSync(path.join(folder, "data/global/pg_control"));
  const failure = startEmbedded({ folder });
  await expect(failure).rejects.toThrow(UserError);
  await expect(failure).rejects.toThrow(/pg_control.*log.*pnpm db reset/s);
  await resetEmbedded({ folder });
  expect(await answer(await startEmbedded({ folder }), "select 1 as it")).toBe(1);
});
