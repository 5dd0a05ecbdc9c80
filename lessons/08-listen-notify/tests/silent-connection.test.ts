import { connect, one } from "shared/database";
import { freshDatabase, stallAt } from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import { enqueueMany, Worker } from "#engine";
import { Listener } from "#engine/listener.ts";
import { GROUPS } from "./groups.ts";
import { TWENTY } from "./twenty.ts";

const outputs = one(GROUPS.filter(({ what }) => what === "outputs"));

type Statement = (typeof STATEMENTS)[number];

const STATEMENTS = [
  ...GROUPS.map((group) => ({ ...group, query: [group.batch, group.single] })),
  { ...outputs, what: "a claim", query: "claimTasks" },
  { ...outputs, what: "a heartbeat", query: "heartbeat" },
];

test("a connection that goes silent holds a worker up for a while, and not for ever", async () => {
  // Side by side, as each takes a while.
  await Promise.all([...STATEMENTS.map(loseConnectionUnder), loseConnectionUnderListen()]);
});

async function loseConnectionUnder({ what, query, definition, written }: Statement) {
  const { sql, url, schema } = await freshDatabase();
  const proxy = await startTcpProxy(url);
  onTestFinished(proxy.close);
  const pool = connect(proxy.url, { schema, max: 4 });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const queued = definition(() => {});
  const options = { tasks: [queued], slots: 20, heartbeatIntervalMs: 500, log: () => {} };
  const worker = new Worker(pool, options);
  const silent = stallAt(proxy, query);
  worker.start();
  onTestFinished(() => worker.stop({ deadlineMs: 0 }));
  const before = await enqueueMany(sql, queued, TWENTY);
  await silent;
  const after = await enqueueMany(sql, queued, TWENTY);

  const have = async () => (await sql.unsafe(written)).map(({ id }) => id);
  await expect.poll(have, { message: what }).toEqual(expect.arrayContaining([...before, ...after]));
  const attempts = await sql`select distinct attempt from tasks`;
  expect(attempts, what).toEqual([{ attempt: 1 }]);
}

async function loseConnectionUnderListen() {
  const { sql, url, schema } = await freshDatabase();
  const proxy = await startTcpProxy(url);
  onTestFinished(proxy.close);
  const pool = connect(proxy.url, { schema });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const heard: string[] = [];
  const log: string[] = [];
  const listener = new Listener(
    pool,
    (call) => heard.push(call),
    (line) => log.push(line),
  );
  const silent = stallAt(proxy, "listen");
  listener.start();
  onTestFinished(() => listener.stop());
  await silent;

  await expect.poll(() => heard, { message: "listen" }).toEqual([""]);
  expect(log).toEqual([expect.stringContaining("Postgres has not answered for 10 s")]);
  await sql.notify(listener.channel, "cancelled");
  await expect.poll(() => heard).toEqual(["", "cancelled"]);
}
