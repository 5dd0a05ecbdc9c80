import type { Sql } from "shared/database";
import { type FreshDatabase, freshDatabase, polledRow } from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import { enqueue, task } from "#engine";
import { startIdle } from "./idle-worker.ts";
import { polledListening } from "./listening.ts";

const greet = task({ name: "greet", run: (name: string) => `hello ${name}` });

test("a worker whose listening connection breaks misses nothing, listens anew, and says so once", async () => {
  const { sql } = await freshDatabase();
  const log: string[] = [];
  await startIdle(sql, { tasks: [greet], log: (line) => log.push(line) });
  const before = await polledListening(sql)();
  for (const pid of before) await sql`select pg_terminate_backend(${pid}, 5000)`;
  const id = await enqueue(sql, greet, "you");

  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "succeeded" });
  await expect.poll(polledListening(sql)).toEqual([expect.toSatisfy(isNotIn(before))]);
  await expect
    .poll(() => log.filter((line) => line.includes("listens anew")))
    .toEqual([expect.stringContaining("its connection broke")]);
});

test("a worker that has gone deaf notices by its heartbeats, says so once, misses nothing, and listens anew", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { sql: byProxy, stall } = await listeningByProxy(database);
  const log: string[] = [];
  const worker = await startIdle(byProxy, { tasks: [greet], log: (line) => log.push(line) });
  const before = await polledListening(sql)();
  stall();
  // The heartbeat that it will not hear of.
  await worker.tick();
  const id = await enqueue(sql, greet, "you");

  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "succeeded" });
  await expect.poll(() => log.filter((line) => line.includes("listens anew"))).toHaveLength(1);
  await expect.poll(polledListening(sql)).toContainEqual(expect.toSatisfy(isNotIn(before)));
  expect(log.filter((line) => line.includes("listens anew"))).toHaveLength(1);
});

/** The same pool, but who makes another one like it connects through a proxy, until that is stalled. */
async function listeningByProxy({ sql, url }: FreshDatabase) {
  const proxy = await startTcpProxy(url);
  onTestFinished(() => proxy.close());
  let isStalled = false;
  const byProxy = new Proxy(sql, {
    get(target, key) {
      if (key !== "options" || isStalled) return Reflect.get(target, key);
      const { hostname, port } = new URL(proxy.url);
      return { ...target.options, host: [hostname], port: [Number(port)] };
    },
  });
  const stall = () => {
    isStalled = true;
    proxy.stall();
  };
  return { sql: byProxy as Sql, stall };
}

function isNotIn(before: number[]): (pid: number) => boolean {
  return (pid) => !before.includes(pid);
}
