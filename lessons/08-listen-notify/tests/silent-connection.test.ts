import { connect } from "shared/database";
import { freshDatabase } from "shared/testing";
import { startTcpProxy } from "shared/testing/tcp-proxy";
import { expect, onTestFinished, test } from "vitest";
import { enqueueMany, task, Worker } from "#engine";
import { GROUPS } from "./groups.ts";
import { TWENTY } from "./twenty.ts";

const OUTPUTS = {
  definition: () => task({ name: "echo", run: (n: number) => n }),
  written: "select id from tasks where status = 'succeeded'",
};

type Statement = (typeof STATEMENTS)[number];

const STATEMENTS = [
  ...GROUPS,
  { what: "a claim", statement: "with recursive lanes", ...OUTPUTS },
  { what: "a heartbeat", statement: "set lease_ends_at", ...OUTPUTS },
];

test("a connection that goes silent holds a worker up for a while, and not for ever", async () => {
  // Side by side, as each takes a while.
  await Promise.all(STATEMENTS.map(loseConnectionUnder));
});

async function loseConnectionUnder({ what, statement, definition, written }: Statement) {
  const { sql, url, schema } = await freshDatabase();
  const proxy = await startTcpProxy(url);
  onTestFinished(proxy.close);
  const pool = connect(proxy.url, { schema, max: 4 });
  onTestFinished(() => pool.end({ timeout: 0 }));
  const queued = definition(() => {});
  const options = { tasks: [queued], slots: 20, heartbeatIntervalMs: 500, log: () => {} };
  const worker = new Worker(pool, options);
  const silent = proxy.stallAt(new RegExp(statement));
  worker.start();
  onTestFinished(() => worker.stop({ deadlineMs: 0 }));
  const before = await enqueueMany(sql, queued, TWENTY);
  await silent;
  const after = await enqueueMany(sql, queued, TWENTY);

  const have = async () => (await sql.unsafe(written)).map(({ id }) => id);
  await expect
    .poll(have, { timeout: 30_000, message: what })
    .toEqual(expect.arrayContaining([...before, ...after]));
  const attempts = await sql`select distinct attempt from tasks`;
  expect(attempts, what).toEqual([{ attempt: 1 }]);
}
