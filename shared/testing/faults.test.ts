import net from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFailed, onTestFinished, test, vi } from "vitest";
import { checkPool, type Sql, serverUrl, transaction } from "../runtime/database/index.ts";
import { losingReplies, refusing, type StopPoint, stallAt, stoppingAt } from "./faults.ts";
import { insertWritten, readWritten } from "./fixture/lesson/sql/queries.ts";
import { freshDatabase } from "./fresh-database.ts";
import { Gate } from "./gate.ts";
import { recordStatements } from "./statements.ts";
import type { HowToGoOn } from "./stop-point.ts";
import { startTcpProxy } from "./tcp-proxy.ts";

vi.stubEnv("LESSON_UNDER_TEST", fileURLToPath(new URL("fixture/lesson", import.meta.url)));

const write = (sql: Sql, what: string) =>
  sql.unsafe(insertWritten, [what], { prepare: true }).execute();

async function database() {
  const { sql } = await freshDatabase();
  const written = async () =>
    (await sql`select what from written order by what`).map(({ what }) => what);
  return { sql, written };
}

/** Returns a pool that stops at `point` until the gate opens, and reads the rows on another connection. */
async function stopping(point: StopPoint, how?: HowToGoOn) {
  const { sql, written } = await database();
  const gate = new Gate();
  const stopped = stoppingAt(sql, point, async () => {
    await gate.pass();
    return how ?? "answered";
  });
  return { sql: stopped, gate, written };
}

test("a wrapper of a pool is accepted for a worker", async () => {
  const { sql } = await database();
  const query = "insertWritten";
  const { sql: stopped, gate } = await stopping({ query, when: "before" });
  gate.open();
  await write(stopped, "a");
  const wrapped = [
    losingReplies(sql, query, 0),
    refusing(sql, query, 0),
    recordStatements(sql).sql,
  ];
  for (const pool of [stopped, ...wrapped]) expect(() => checkPool(pool)).not.toThrow();
});

describe("a stop point", () => {
  test("before a statement: the statement has not been sent", async () => {
    const { sql, gate, written } = await stopping({ query: "insertWritten", when: "before" });
    const inserted = write(sql, "a");
    await gate.arrived(1);
    expect(await written()).toEqual([]);
    gate.open();
    expect((await inserted).count).toBe(1);
    expect(await written()).toEqual(["a"]);
  });

  test("after a statement: the statement has been executed, but not answered", async () => {
    const { sql, gate, written } = await stopping({ query: "insertWritten", when: "after" });
    let isAnswered = false;
    const inserted = write(sql, "a").then((result) => {
      isAnswered = true;
      return result;
    });
    await gate.arrived(1);
    expect(await written()).toEqual(["a"]);
    expect(isAnswered).toBe(false);
    gate.open();
    expect((await inserted).count).toBe(1);
  });

  test("can continue without an answer: the caller gets the error of a lost connection", async () => {
    const point = { query: "insertWritten", when: "after" } as const;
    const { sql, gate, written } = await stopping(point, "unanswered");
    gate.open();
    await expect(write(sql, "a")).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(await written()).toEqual(["a"]);
    expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
  });

  test("stops only the nth such statement, while others continue", async () => {
    const point = { query: "insertWritten", when: "before", nth: 2 } as const;
    const { sql, gate, written } = await stopping(point);
    await write(sql, "a");
    const second = write(sql, "b");
    await gate.arrived(1);
    await write(sql, "c");
    expect(await written()).toEqual(["a", "c"]);
    gate.open();
    await second;
    expect(await written()).toEqual(["a", "b", "c"]);
  });

  test("stops only a statement with the given values", async () => {
    const point = { query: "insertWritten", values: "b", when: "before" } as const;
    const { sql, gate, written } = await stopping(point);
    await write(sql, "a");
    const second = write(sql, "b");
    await gate.arrived(1);
    expect(await written()).toEqual(["a"]);
    gate.open();
    await second;
  });

  test("stops at any of several queries, of which the lesson must have at least one", async () => {
    const query = ["insertManyWritten", "insertWritten"];
    const { sql, gate } = await stopping({ query, when: "before" });
    const inserted = write(sql, "a");
    await gate.arrived(1);
    gate.open();
    expect((await inserted).count).toBe(1);
  });

  test("after a statement is not reached if the statement fails", async () => {
    const { sql, gate } = await stopping({ query: "insertWritten", when: "after" });
    await expect(sql.unsafe(insertWritten, [null as never])).rejects.toThrow("not-null");
    const inserted = write(sql, "a");
    await gate.arrived(1);
    gate.open();
    expect((await inserted).count).toBe(1);
  });

  test("recognises a tagged template by its text, but not as a fragment of another one", async () => {
    const { sql, gate } = await stopping({ query: "readWritten", when: "before" });
    for (const what of ["a", "b", "c", "d"]) await write(sql, what);
    const between = sql`select what from written where what > ${"a"} and what < ${"d"}`;
    const read = sql`select ${sql("what")} from (${between}) as written order by what`.values();
    expect(await read).toEqual([["b"], ["c"]]);
    const all = between.execute();
    await gate.arrived(1);
    gate.open();
    expect(await all).toHaveLength(2);
  });

  describe("in a transaction", () => {
    const writeIn = (sql: Sql) =>
      transaction(sql, async (tx) => {
        await write(tx, "a");
        await tx`insert into ${tx("written")} values (${"b"})`;
        return "committed";
      });

    test("before its commit: the transaction is not committed", async () => {
      const { sql, gate, written } = await stopping({ query: "commit", when: "before" });
      const done = writeIn(sql);
      await gate.arrived(1);
      expect(await written()).toEqual([]);
      gate.open();
      expect(await done).toBe("committed");
      expect(await written()).toEqual(["a", "b"]);
    });

    test("after its commit: the transaction is committed, and the reply may be lost", async () => {
      const { sql, gate, written } = await stopping(
        { query: "commit", when: "after" },
        "unanswered",
      );
      const done = writeIn(sql).catch((error) => error.code);
      await gate.arrived(1);
      expect(await written()).toEqual(["a", "b"]);
      gate.open();
      expect(await done).toBe("CONNECTION_CLOSED");
    });

    test("at a query on its connection: the connection returns to the pool", async () => {
      const { sql, gate } = await stopping({ query: "insertWritten", when: "after" });
      gate.open();
      for (let n = 0; n < 20; n += 1) expect(await writeIn(sql)).toBe("committed");
      await gate.arrived(1);
    });
  });
});

test("a lost reply: the statement is executed every time, and fails the first few times", async () => {
  const { sql, written } = await database();
  const losing = losingReplies(sql, "insertWritten", 2);
  await expect(write(losing, "a")).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  const reserved = await losing.reserve();
  await expect(write(reserved, "b")).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  reserved.release();
  expect((await write(losing, "c")).count).toBe(1);
  expect(await written()).toEqual(["a", "b", "c"]);
});

test("a refused statement is not sent, and fails with the given error", async () => {
  const { sql, written } = await database();
  const refused = refusing(sql, "insertWritten", 1, new Error("read-only"));
  await expect(write(refused, "a")).rejects.toThrow("read-only");
  await write(refused, "b");
  expect(await written()).toEqual(["b"]);
});

test("recorded statements are named, in the order in which they were sent", async () => {
  const { sql } = await database();
  const recorded = recordStatements(sql);
  await Promise.all([write(recorded.sql, "a"), recorded.sql`select 1`]);
  await transaction(recorded.sql, (tx) => write(tx, "b"));
  const inTransaction = ["begin", "insertWritten", "commit"];
  expect(recorded.takeNames()).toEqual(["insertWritten", undefined, ...inTransaction]);
  expect(recorded.takeNames()).toEqual([]);
  await transaction(recorded.sql, (tx) => write(tx, "c"));
  expect(recorded.takeNames(["begin", "commit", "savepoint"])).toEqual(["insertWritten"]);
  expect(recorded.of("insertWritten").map(({ values }) => values)).toEqual([["a"], ["b"], ["c"]]);
  expect(() => recorded.of("readWritten")).toThrow("readWritten was never sent");
});

test("a connection stalls when it sends a query, even in several packets", async () => {
  const proxy = await startTcpProxy(await serverUrl());
  onTestFinished(proxy.close);
  const stalled = stallAt(proxy, "readWritten");
  const socket = net.connect(Number(new URL(proxy.url).port), "127.0.0.1").setNoDelay();
  onTestFinished(() => void socket.destroy());
  socket.write(`before ${readWritten.slice(0, 10)}`);
  await new Promise(setImmediate);
  socket.write(`${readWritten.slice(10)} and after`);
  await expect(stalled).resolves.toBeUndefined();
});

describe("a query name that the lesson lacks is refused immediately, with the names that exist", () => {
  const known = "insertWritten, readWritten, begin, commit, rollback, listen";
  const message = `Lesson lesson has no query insertIt or insertThem; it has ${known}`;
  const query = ["insertIt", "insertThem"];

  test.each<[string, (sql: Sql) => unknown]>([
    ["a stop point", (sql) => stoppingAt(sql, { query, when: "after" }, async () => {})],
    ["a lost reply", (sql) => losingReplies(sql, query, 1)],
    ["a refused statement", (sql) => refusing(sql, query, 1)],
    ["a recorded statement", (sql) => recordStatements(sql).of(query)],
  ])("%s", async (_, arm) => {
    const { sql } = await freshDatabase();
    const refused = expect.objectContaining({ name: "AssertionError", message });
    expect(() => arm(sql)).toThrow(refused);
  });
});

describe("a fault that is never reached fails its test", () => {
  const messages: unknown[] = [];

  test.fails.each<[string, (sql: Sql) => Sql]>([
    ["a stop point", (sql) => stoppingAt(sql, { query: "commit", when: "after" }, async () => {})],
    ["one of two lost replies", (sql) => losingReplies(sql, "insertWritten", 2)],
    ["a refused statement", (sql) => refusing(sql, ["readWritten", "readAll"], Infinity)],
  ])("%s", async (_, arm) => {
    onTestFailed(({ task }) => {
      messages.push(task.result?.errors?.map(({ name, message }) => `${name}: ${message}`));
    });
    const { sql } = await database();
    const armed = arm(sql);
    await write(armed, "a").catch(() => {});
    expect(await armed`select 1 as fine`).toEqual([{ fine: 1 }]);
  });

  test("with a message that names the fault", () => {
    expect(messages).toEqual([
      ["AssertionError: Never reached: the stop after commit (0 of 1)"],
      ["AssertionError: Never reached: the lost reply of insertWritten (1 of 2)"],
      ["AssertionError: Never reached: the refused readWritten or readAll (0 of 1)"],
    ]);
  });
});
