import { describe, expect, test } from "vitest";
import { type Sql, transaction } from "../runtime/database/index.ts";
import { emptySchema } from "./fresh-database.ts";
import { Gate } from "./gate.ts";
import { type HowToGoOn, type StopPoint, stoppingAt } from "./stop-point.ts";

const insert = "insert into written values ($1)";

/** A pool that stops at `point`; the gate is where, and the rows are seen from another connection. */
async function stopping(point: StopPoint, how: HowToGoOn = "answered") {
  const { sql } = await emptySchema();
  await sql`create table written (n int)`;
  const gate = new Gate();
  const stopped = stoppingAt(sql, point, async () => {
    await gate.pass();
    return how;
  });
  const written = async () => (await sql`select n from written order by n`).map(({ n }) => n);
  return { sql: stopped, gate, written };
}

const insertOn = (sql: Sql, n: number) => sql.unsafe(insert, [n], { prepare: true }).execute();

test("before a statement, it has not been sent", async () => {
  const { sql, gate, written } = await stopping({ statement: "^insert", when: "before" });
  const inserted = insertOn(sql, 1);
  await gate.arrived(1);
  expect(await written()).toEqual([]);
  gate.open();
  expect((await inserted).count).toBe(1);
  expect(await written()).toEqual([1]);
});

test("after a statement, it is carried out and not answered yet", async () => {
  const { sql, gate, written } = await stopping({ statement: "^insert", when: "after" });
  let isAnswered = false;
  const inserted = insertOn(sql, 1).then((result) => {
    isAnswered = true;
    return result;
  });
  await gate.arrived(1);
  expect(await written()).toEqual([1]);
  expect(isAnswered).toBe(false);
  gate.open();
  expect((await inserted).count).toBe(1);
});

test("an answer that is lost is a lost connection for who waits for it", async () => {
  const point = { statement: "^insert", when: "after" } as const;
  const { sql, gate, written } = await stopping(point, "unanswered");
  gate.open();
  await expect(insertOn(sql, 1)).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  expect(await written()).toEqual([1]);
  expect(await sql`select 1 as fine`).toEqual([{ fine: 1 }]);
});

test("it stops at the nth such statement only, and the others go on meanwhile", async () => {
  const { sql, gate, written } = await stopping({ statement: "^insert", when: "before", nth: 2 });
  await insertOn(sql, 1);
  const second = insertOn(sql, 2);
  await gate.arrived(1);
  await insertOn(sql, 3);
  expect(await written()).toEqual([1, 3]);
  gate.open();
  await second;
  expect(await written()).toEqual([1, 2, 3]);
});

test("a statement that fails is not one that was carried out", async () => {
  const { sql, gate } = await stopping({ statement: "^insert", when: "after" });
  await expect(sql`insert into written values (1 / 0)`).rejects.toThrow("division by zero");
  const inserted = insertOn(sql, 1);
  await gate.arrived(1);
  gate.open();
  expect((await inserted).count).toBe(1);
});

test("a template is known by its text with its values as $1, $2, and stays what it was", async () => {
  const point = { statement: "where n > \\$2 and n < \\$3$", when: "before" } as const;
  const { sql, gate } = await stopping(point);
  const numbers = sql`select n from generate_series(1, ${3}::int) as n where n > ${1} and n < ${9}`;
  const read = sql`select ${sql("n")} from (${numbers}) as numbers`.values();
  // A piece of another statement is none by itself.
  expect(await read).toEqual([[2], [3]]);
  const all = numbers.execute();
  await gate.arrived(1);
  gate.open();
  expect(await all).toHaveLength(2);
});

describe("in a transaction", () => {
  const insertIn = (sql: Sql) =>
    transaction(sql, async (tx) => {
      await tx.unsafe(insert, [tx.typed(1 as never, 0)] as never[], { prepare: true });
      await tx`insert into ${tx("written")} values (${2})`;
      return "committed";
    });

  test("before its commit, it is not committed", async () => {
    const { sql, gate, written } = await stopping({ statement: "^commit$", when: "before" });
    const done = insertIn(sql);
    await gate.arrived(1);
    expect(await written()).toEqual([]);
    gate.open();
    expect(await done).toBe("committed");
    expect(await written()).toEqual([1, 2]);
  });

  test("after its commit, it is, and the answer may be lost", async () => {
    const point = { statement: "^commit$", when: "after" } as const;
    const { sql, gate, written } = await stopping(point, "unanswered");
    const done = insertIn(sql).catch((error) => error.code);
    await gate.arrived(1);
    expect(await written()).toEqual([1, 2]);
    gate.open();
    expect(await done).toBe("CONNECTION_CLOSED");
  });

  test("its connection goes back to the pool", async () => {
    const { sql, gate } = await stopping({ statement: "^insert into \\$1", when: "after" });
    gate.open();
    for (let n = 0; n < 20; n += 1) expect(await insertIn(sql)).toBe("committed");
  });
});
