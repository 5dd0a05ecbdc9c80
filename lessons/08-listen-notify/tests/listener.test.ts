import { setImmediate } from "node:timers/promises";
import type { Sql } from "shared/database";
import { type FreshDatabase, freshDatabase } from "shared/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { Listener } from "#engine/listener.ts";

const BROKE = "listens anew: its connection broke";
const DEAF = expect.stringMatching(/^listens anew, and goes on to poll/);

async function listening({ sql }: FreshDatabase) {
  const heard = { calls: 0, log: [] as string[] };
  const onCall = () => {
    heard.calls += 1;
  };
  const listener = new Listener(sql, onCall, (line) => heard.log.push(line));
  listener.start();
  onTestFinished(() => listener.stop());
  // What was queued before it listened may have called in vain.
  await expect.poll(() => heard.calls).toBe(1);
  return { listener, heard };
}

test("it hears calls, and tells its heartbeats from them", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { listener, heard } = await listening(database);
  await sql.notify(listener.channel, "heartbeat");
  await sql.notify(listener.channel, "");
  await expect.poll(() => heard.calls).toBe(2);
  await sql.notify(listener.channel, "");
  await expect.poll(() => heard.calls).toBe(3);
});

test("a connection that breaks is made anew, and it says so; calls are heard on it, and what was missed is one", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { listener, heard } = await listening(database);
  await breakConnection(sql, listener);
  await expect.poll(() => heard.calls).toBe(2);
  expect(heard.log).toEqual([BROKE]);
  await sql.notify(listener.channel, "");
  await expect.poll(() => heard.calls).toBe(3);
});

test("heartbeats that are heard leave it as it is; one that is not makes it listen anew, and say so", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { listener, heard } = await listening(database);
  const timeIsUp = expectHeartbeat(listener);
  await sql.notify(listener.channel, "heartbeat");
  await sql.notify(listener.channel, "");
  await expect.poll(() => heard.calls).toBe(2);
  await timeIsUp();
  expect(heard.log).toEqual([]);
  const sentAt = performance.now();
  await expectUnsentHeartbeats(listener, heard).toEqual([DEAF]);
  expect(performance.now() - sentAt).toBeGreaterThan(900);
  await expect.poll(() => heard.calls).toBe(3);
  await sql.notify(listener.channel, "");
  await expect.poll(() => heard.calls).toBe(4);
});

test("a heartbeat that was sent while the connection was made anew is not missed", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { listener, heard } = await listening(database);
  const timeIsUp = expectHeartbeat(listener);
  await breakConnection(sql, listener);
  await expect.poll(() => heard.calls).toBe(2);
  await timeIsUp();
  expect(heard.log).toEqual([BROKE]);
  await expectUnsentHeartbeats(listener, heard).toEqual([BROKE, DEAF]);
});

test("a listener that was stopped hears nothing, and leaves no connection", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { listener, heard } = await listening(database);
  const query = `listen "${listener.channel}"`;
  const left = () => sql`select from pg_stat_activity where query = ${query}`;
  expect(await left()).toHaveLength(1);
  await listener.stop();
  await sql.notify(listener.channel, "");
  await expect.poll(left).toHaveLength(0);
  expect(heard).toEqual({ calls: 1, log: [] });
});

/** Lets it expect a heartbeat, and gives what tells it that the time for that is up. */
function expectHeartbeat(listener: Listener): () => Promise<void> {
  const timers = vi.spyOn(globalThis, "setTimeout");
  listener.expectHeartbeat(performance.now());
  const [[timeIsUp]] = timers.mock.calls as [[() => void]];
  clearTimeout(timers.mock.results[0]?.value);
  timers.mockRestore();
  return async () => {
    timeIsUp();
    await setImmediate();
  };
}

/** Lets it expect heartbeats that nobody sends, one after the other, and looks at its log. */
function expectUnsentHeartbeats(listener: Listener, heard: { log: string[] }) {
  const log = () => {
    listener.expectHeartbeat(performance.now());
    return heard.log;
  };
  return expect.poll(log, { interval: 100 });
}

async function breakConnection(sql: Sql, { channel }: Listener): Promise<void> {
  const query = `listen "${channel}"`;
  await sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where query = ${query}`;
}
