import { once } from "node:events";
import * as fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { connect } from "../connect.ts";
import { backendPid } from "../until-waiting.ts";
import { answer, newFolder, startInProcess } from "./fixture/servers.ts";
import { embeddedStatus, restartEmbedded, startEmbedded, stopEmbedded } from "./index.ts";

test("four processes that start the server at once start one", async () => {
  const folder = await newFolder();
  const starters = [1, 2, 3, 4].map(() => startInProcess(folder));
  const urls = await Promise.all(starters.map(({ stdout }) => stdout));
  expect(new Set(urls).size).toBe(1);
  expect(await answer(String(urls[0]), "select 1 as it")).toBe(1);
});

test("a server reports when it is set up and when it is ready, and nothing if it is already running", async () => {
  const folder = await newFolder();
  const said: string[] = [];
  const url = await startEmbedded({ folder, say: (line) => said.push(line) });
  const { port } = await embeddedStatus({ folder });
  expect(said[0]).toBe(`Postgres 18 is set up in ${folder} (once) …`);
  expect(said[1]).toMatch(new RegExp(`^Postgres 18 is ready on 127\\.0\\.0\\.1:${port} \\(\\d+`));
  expect(await startEmbedded({ folder, say: (line) => said.push(line) })).toBe(url);
  expect(said).toHaveLength(2);
});

test("a server that is stopped and started keeps its port and its data", async () => {
  const folder = await newFolder();
  const url = await startEmbedded({ folder });
  await answer(url, "create table kept as select 7 as it");
  expect(await stopEmbedded({ folder })).toBe(true);
  expect(await stopEmbedded({ folder })).toBe(false);
  expect((await embeddedStatus({ folder })).state).toBe("stopped");
  expect(await startEmbedded({ folder })).toBe(url);
  expect(await answer(url, "select it from kept")).toBe(7);
});

test("a server that is restarted keeps its port and its data, and ends all connections", async () => {
  const folder = await newFolder();
  const sql = connect(await startEmbedded({ folder }), { max: 1 });
  await sql`create table kept as select 7 as id`;
  const before = await backendPid(sql);
  expect(await restartEmbedded({ folder })).toBe(await startEmbedded({ folder }));
  await sql`select`.catch(() => {});
  expect(await sql`select id, pg_backend_pid() <> ${before} as is_new from kept`).toEqual([
    { id: 7, isNew: true },
  ]);
  await sql.end();
});

test("a server whose port is taken moves to another one, and keeps that", async () => {
  const folder = await newFolder();
  const before = new URL(await startEmbedded({ folder })).port;
  await stopEmbedded({ folder });
  const other = net.createServer().listen(Number(before), "127.0.0.1");
  await once(other, "listening");
  const url = await startEmbedded({ folder });
  other.close();
  expect(new URL(url).port).not.toBe(before);
  expect(await startEmbedded({ folder })).toBe(url);
  expect(await answer(url, "select 1 as it")).toBe(1);
});

test("a server runs in a folder whose name has spaces and accents", async () => {
  const folder = await newFolder("mon dépôt à moi");
  expect(await answer(await startEmbedded({ folder }), "select 1 as it")).toBe(1);
});

test.skipIf(process.platform === "win32")("only its owner can read the password", async () => {
  const folder = await newFolder();
  await startEmbedded({ folder });
  expect(fs.statSync(path.join(folder, "server.json")).mode & 0o777).toBe(0o600);
});

test("a wrong password is refused", async () => {
  const url = new URL(await startEmbedded({ folder: await newFolder() }));
  url.password = "wrong";
  await expect(answer(url.href, "select 1 as it")).rejects.toMatchObject({ code: "28P01" });
});
