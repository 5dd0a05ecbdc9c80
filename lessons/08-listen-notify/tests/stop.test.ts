import { connect } from "shared/database";
import { freshDatabase, Gate, stoppingAt } from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import { enqueueMany, task, Worker } from "#engine";

test("a worker that is stopped while it claims behind its last output keeps its lease for what it gets", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const waits = task({ name: "waits", run: (n: number) => (n === 2 ? gate.pass() : undefined) });
  const sent = new Gate();
  const point = { query: "claimTasks", when: "before" } as const;
  const stopping = stoppingAt(sql, point, () => sent.pass());
  // Only a claim that comes behind outputs is on a reserved connection.
  const behind = new Proxy(sql, {
    get: (pool, key) => Reflect.get(key === "reserve" ? stopping : pool, key),
  });
  let stopped: Promise<void> | undefined;
  const log = (line: string) => {
    if (!/ succeeded \S+ task=1$/.test(line)) return;
    stopped = worker.stop();
    setImmediate(() => sent.open());
  };
  const options = { tasks: [waits], slots: 1, heartbeatIntervalMs: 1_000, log };
  const worker = new Worker(behind, options);
  onTestFinished(() => worker.stop({ deadlineMs: 0 }));
  await enqueueMany(sql, waits, [{ input: 1 }, { input: 2 }]);
  worker.start();
  await gate.arrived(1);

  const leaseEnd = async () =>
    String((await sql`select lease_ends_at::text from workers`)[0]?.leaseEndsAt);
  const first = await leaseEnd();
  await expect.poll(leaseEnd).not.toBe(first);
  gate.open();
  await stopped;
  const left = await sql`select status, (select count(*)::int from workers) from tasks`;
  expect(left).toEqual([1, 2].map(() => ({ status: "succeeded", count: 0 })));
});

test("a worker that was stopped before it was started cannot be started, and does not listen", async () => {
  const { url, schema } = await freshDatabase();
  const proxy = await startTcpProxy(url);
  onTestFinished(proxy.close);
  const pool = connect(proxy.url, { schema, max: 1 });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const worker = new Worker(pool, { tasks: [task({ name: "none", run: () => {} })] });
  await worker.stop();
  worker.start();
  const before = proxy.connections;
  const other = connect(proxy.url, { max: 1 });
  onTestFinished(() => other.end({ timeout: 0 }));
  await other`select`;
  expect(proxy.connections - before).toBe(1);
});
