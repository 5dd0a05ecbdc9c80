import { setTimeout as pause } from "node:timers/promises";
import { backendPid, type ReservedSql, type Sql } from "shared/database";
import { freshDatabase, useCrashableServer } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task } from "#engine";
import { listenToCalls } from "../proofs/calls.ts";
import { startIdle } from "../proofs/idle-worker.ts";

const serverOfItsOwn = useCrashableServer();

test("without the limit, ten idle workers are called for one task, nine of them in vain", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const [row] = await sql`select pg_get_functiondef('call_workers'::regproc) as definition`;
  await sql.unsafe(row?.definition.replace("limit tasks", ""));
  const greet = task({ name: "greet", run: (name: string) => `hello ${name}` });
  const names = Array.from({ length: 10 }, (_, n) => `worker-${n}`);
  const claimed: string[] = [];
  const log = (line: string) => void (line.includes(" claimed ") && claimed.push(line));
  await Promise.all(names.map((name) => startIdle(sql, { name, tasks: [greet], log })));
  const called = await listenToCalls(database);
  await enqueue(sql, greet, "you");

  expect(await called()).toEqual(names);
  await expect.poll(() => claimed).toHaveLength(1);
});

test("a commit that notifies waits for the one before it, and one that does not waits for nobody", async () => {
  const { sql } = await serverOfItsOwn();
  const [slow, next, quiet] = [await sql.reserve(), await sql.reserve(), await sql.reserve()];
  onTestFinished(() => {
    for (const connection of [slow, next, quiet]) connection.release();
  });
  await quiet`create table written (what text)`;
  for (const connection of [next, quiet]) await connection`set synchronous_commit = local`;

  const notify = "insert into written select 'notified' || pg_notify('somebody', '')::text";
  const { commit } = await commitSlowly(sql, slow, notify);
  const pid = await backendPid(next);
  const nextCommit = next`select pg_notify('somebody else', '')`.then(() => "committed");
  await untilItWaits(sql, pid, "object");
  // It writes to the same table, and notifies nobody.
  await quiet`insert into written values ('quietly')`;
  expect(await waitsFor(sql, pid)).toBe("object");

  await setStandby(sql, "");
  expect(await Promise.all([commit, nextCommit])).toEqual(["committed", "committed"]);
});

/** Lets a commit take as long as it likes: it waits for a standby that is not there, and keeps its locks meanwhile. */
async function commitSlowly(sql: Sql, connection: ReservedSql, statement: string) {
  onTestFinished(() => setStandby(sql, ""));
  await setStandby(sql, "nobody");
  const pid = await backendPid(connection);
  for (;;) {
    let hasAnswered = false;
    const commit = connection.unsafe(statement).then(() => {
      hasAnswered = true;
      return "committed";
    });
    // The server may not have heard of its standby yet.
    while (!hasAnswered) {
      if ((await waitsFor(sql, pid)) === "SyncRep") return { commit };
      await pause(2);
    }
  }
}

async function setStandby(sql: Sql, name: string): Promise<void> {
  await sql.unsafe(`alter system set synchronous_standby_names = '${name}'`);
  await sql`select pg_reload_conf()`;
}

async function untilItWaits(sql: Sql, pid: number, event: string): Promise<void> {
  await expect.poll(() => waitsFor(sql, pid)).toBe(event);
}

async function waitsFor(sql: Sql, pid: number): Promise<string | null> {
  const [row] = await sql`select wait_event from pg_stat_activity where pid = ${pid}`;
  return row?.waitEvent ?? null;
}
