import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect, type Sql } from "../connect.ts";
import { type CrashableServer, startCrashableServer } from "./crashable.ts";

let server: CrashableServer;
beforeAll(async () => {
  server = await startCrashableServer();
});
afterAll(() => server.remove());

function connectToIt(): Sql {
  const sql = connect(server.url);
  onTestFinished(() => sql.end({ timeout: 0 }));
  return sql;
}

test.each(["restart", "crash"] as const)("committed data survives a %s", async (what) => {
  const sql = connectToIt();
  await sql`create table if not exists kept (n int)`;
  await sql`truncate kept`;
  const open = await sql.reserve();
  await open`begin`;
  await open`insert into kept values (0)`;
  for (let n = 1; n <= 100; n += 1) await sql`insert into kept values (${n})`;

  await server[what]();

  const [kept] = await sql`select count(*)::int as rows, min(n) as first from kept`;
  expect(kept).toEqual({ rows: 100, first: 1 });
});

test("a crash ends running queries, and a new server process starts", async () => {
  const sql = connectToIt();
  const startedAt = () => sql`select pg_postmaster_start_time() as at`.then(([row]) => row?.at);
  const before = await startedAt();
  const held = await sql.reserve();
  const cutOff = held`select pg_sleep(60)`.catch((error) => error);
  await server.crash();
  expect(await cutOff).toBeInstanceOf(Error);
  expect(await startedAt()).not.toEqual(before);
});

test("the server and its files are gone once it is removed", async () => {
  const another = await startCrashableServer();
  await another.remove();
  const sql = connect(another.url);
  onTestFinished(() => sql.end({ timeout: 0 }));
  await expect(sql`select 1`).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
