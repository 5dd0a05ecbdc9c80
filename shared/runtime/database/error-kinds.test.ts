import { once } from "node:events";
import net, { type LookupFunction } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { emptySchema, postgresError } from "../../testing/index.ts";
import { startTcpProxy } from "../../testing/tcp-proxy.ts";
import { connect, type Sql } from "./connect.ts";
import { withThrowAwayServer } from "./embedded/index.ts";
import * as kinds from "./error-kinds.ts";
import { serverUrl } from "./server.ts";
import { transaction } from "./transaction.ts";

type Kind = Record<
  "again" | "lost" | "conflict" | "data" | "row" | "refused" | "unexecuted",
  boolean
>;

const nothing = {
  again: false,
  lost: false,
  conflict: false,
  data: false,
  row: false,
  refused: false,
  unexecuted: false,
};
const lost = { ...nothing, again: true, lost: true };
const kindsOfMeanings: Record<kinds.Meaning, Kind> = {
  conflict: { ...lost, conflict: true, refused: true, unexecuted: true },
  unreachable: { ...lost, unexecuted: true },
  unanswered: lost,
  busy: { ...nothing, again: true, refused: true, unexecuted: true },
  "bad value": { ...nothing, data: true, row: true },
  raised: { ...nothing, row: true },
};

function kindOf(error: unknown): Kind {
  return {
    again: kinds.isTransientError(error),
    lost: kinds.isLostTransaction(error),
    conflict: kinds.isConflict(error),
    data: kinds.isDataError(error),
    row: kinds.isRefusedRow(error),
    refused: kinds.isRefusedForNow(error),
    unexecuted: kinds.isNotExecuted(error),
  };
}

// Written a second time, so that no change of the table goes unnoticed.
const SQLSTATES: [states: string, meaning: kinds.Meaning][] = [
  ["40 40001 40P01", "conflict"],
  ["08001 08004 25006 53300 57P03", "unreachable"],
  ["08 08006 25P03 25P04 40003 57P01 57P02 57P04 57P05", "unanswered"],
  ["53 53100 53200 53400 55006 55P03 57014 58 58030", "busy"],
  ["22 22P05 23 23505 54 54000", "bad value"],
  ["P0 P0001", "raised"],
];
const NETWORK_CODES: [codes: string, meaning: kinds.Meaning][] = [
  ["CONNECT_TIMEOUT ECONNREFUSED ENOENT ENOTFOUND EAI_AGAIN", "unreachable"],
  [
    "CONNECTION_CLOSED CONNECTION_DESTROYED ECONNRESET EHOSTUNREACH ENETUNREACH EPIPE ETIMEDOUT NO_REPLY",
    "unanswered",
  ],
];
const rowsOf = (table: [string, kinds.Meaning][]) =>
  table.flatMap(([codes, meaning]) => codes.split(" ").map((code) => [code, meaning] as const));

describe("each row of the table", () => {
  test("is in this test", () => {
    const states = rowsOf(SQLSTATES).map(([state]) => state);
    const codes = rowsOf(NETWORK_CODES).map(([code]) => code);
    expect(states).toEqual(expect.arrayContaining(Object.keys(kinds.SQLSTATES)));
    expect(codes.sort()).toEqual(Object.keys(kinds.NETWORK_CODES).sort());
  });

  test("has this meaning for an error that Postgres sends", async () => {
    const { sql } = await emptySchema();
    for (const [row, meaning] of rowsOf(SQLSTATES)) {
      const code = row.padEnd(5, "0");
      const error = await failure(sql.unsafe(`do $$ begin raise sqlstate '${code}'; end $$`));
      const kind = { code, meaning: kinds.meaningOf(error), ...kindOf(error) };
      expect(error).toMatchObject({ code });
      expect(kind).toEqual({ code, meaning, ...kindsOfMeanings[meaning] });
    }
  });

  test.each(rowsOf(NETWORK_CODES))("%s: %s", (code, meaning) => {
    const error = Object.assign(new Error("network"), { code, syscall: "connect" });
    expect(kinds.meaningOf(error)).toBe(meaning);
    expect(kindOf(error)).toEqual(kindsOfMeanings[meaning]);
  });
});

test.each([
  ["no error", undefined],
  ["an error without a code", new Error("else")],
  ["an application's error with a number", Object.assign(new Error(), { code: 404 })],
  ["an application's error with an SQLSTATE", Object.assign(new Error(), { code: "40001" })],
  ["a value that is not an Error", { code: "ECONNRESET" }],
  ["a missing file", Object.assign(new Error(), { code: "ENOENT", syscall: "open" })],
  ["a mistake in a statement", postgresError("42601", "syntax error")],
  ["a missing privilege", postgresError("42501", "permission denied")],
  ["a pool that we have ended", Object.assign(new Error(), { code: "CONNECTION_ENDED" })],
])("%s has no entry", (_, error) => {
  expect(kinds.meaningOf(error)).toBeUndefined();
  expect(kindOf(error)).toEqual(nothing);
});

describe("several errors in one", () => {
  const network = (code: string) => Object.assign(new Error("network"), { code });

  test("a host none of whose addresses can be connected to is unreachable", async () => {
    const addresses = [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ];
    const lookup: LookupFunction = (_host, _options, answer) => answer(null, addresses);
    const [error] = await once(net.connect({ host: "any", port: 1, lookup }), "error");
    expect(error).toBeInstanceOf(AggregateError);
    expect(kinds.meaningOf(error)).toBe("unreachable");
    expect(kinds.isTransientError(error)).toBe(true);
  });

  test("the code of an address that this machine does not have is not that of the others", () => {
    const errors = [network("EADDRNOTAVAIL"), network("ECONNREFUSED")];
    const error = Object.assign(new AggregateError(errors), { code: "EADDRNOTAVAIL" });
    expect(kinds.meaningOf(error)).toBe("unreachable");
  });

  test.each<[errors: unknown[], meaning: kinds.Meaning | undefined]>([
    [[network("ECONNREFUSED"), network("ENOTFOUND")], "unreachable"],
    [[network("ECONNREFUSED"), network("ETIMEDOUT")], "unanswered"],
    [[postgresError("57P03", "starting up"), network("ECONNREFUSED")], "unreachable"],
    [[postgresError("40001", "conflict"), postgresError("53200", "memory")], "busy"],
    [[postgresError("40001", "conflict"), postgresError("22P02", "no number")], "conflict"],
    [[new Error("else"), "a text", network("ECONNREFUSED")], "unreachable"],
    [[new Error("else"), postgresError("22P02", "no number")], undefined],
    [[], undefined],
  ])(
    "if any of them is transient, the one that demands most care counts (%#)",
    async (errors, meaning) => {
      const error = await failure(Promise.any(errors.map((each) => Promise.reject(each))));
      expect(error).toBeInstanceOf(AggregateError);
      expect(kinds.meaningOf(error)).toBe(meaning);
    },
  );

  test("an error that contains itself counts once", () => {
    const error = new AggregateError([network("ECONNREFUSED")]);
    error.errors.push(error);
    expect(kinds.meaningOf(error)).toBe("unreachable");
  });
});

describe("a real failed write", () => {
  test.each<[code: string, meaning: kinds.Meaning, provoke: (sql: Sql) => Promise<unknown>]>([
    ["22P02", "bad value", (sql) => sql.unsafe("insert into numbers values ('none')")],
    ["23514", "bad value", (sql) => sql`insert into numbers values (-1)`],
    [
      "54000",
      "bad value",
      (sql) => sql`insert into texts select repeat(md5(random()::text), 1000)`,
    ],
    ["25006", "unreachable", readOnly],
    ["55P03", "busy", (sql) => whileLocked(sql, "set local lock_timeout = 1")],
    ["57014", "busy", (sql) => whileLocked(sql, "set local statement_timeout = 1")],
    ["40P01", "conflict", deadlock],
    ["40001", "conflict", serializationFailure],
    ["57P01", "unanswered", (sql) => sql`select pg_terminate_backend(pg_backend_pid())`],
    ["ECONNREFUSED", "unreachable", () => onPoolOf("postgres://127.0.0.1:1/x")],
    ["ENOENT", "unreachable", () => onPoolOf("postgres://u@%2Fno%2Fsuch%2Ffolder/x")],
    ["ECONNRESET", "unanswered", () => cut("reset")],
    ["CONNECTION_CLOSED", "unanswered", () => cut("end")],
  ])("%s: %s", async (code, meaning, provoke) => {
    const { sql } = await emptySchema();
    await sql`create table numbers (n int check (n >= 0))`;
    await sql`create table texts (value text primary key)`;
    // Uncompressed, the value is too large for the index.
    await sql`alter table texts alter value set storage plain`;
    const error = await failure(provoke(sql));
    expect(error).toMatchObject({ code });
    expect(kinds.meaningOf(error)).toBe(meaning);
    expect(await sql`select from numbers where n > 0`).toHaveLength(0);
  });

  test("53300: unreachable", () =>
    withThrowAwayServer(async (url) => {
      const admin = connect(url, { max: 1 });
      await admin`create role guest login password 'secret' connection limit 1`;
      const asGuest = Object.assign(new URL(url), { username: "guest", password: "secret" }).href;
      const guest = connect(asGuest, { max: 2 });
      const first = await guest.reserve();
      const error = await failure(guest`select 1`);
      expect(error).toMatchObject({ code: "53300" });
      expect(kinds.meaningOf(error)).toBe("unreachable");
      first.release();
      expect(await guest`select 1 as fine`).toEqual([{ fine: 1 }]);
      await Promise.all([guest.end(), admin.end()]);
    }));
});

test("a duplicate is recognised by the name of its index", async () => {
  const { sql } = await emptySchema();
  await sql`create table numbers (n int constraint once unique)`;
  await sql`insert into numbers values (1)`;
  const error = await failure(sql`insert into numbers values (1)`);
  expect(kinds.isDuplicate(error, "once")).toBe(true);
  expect(kinds.isDuplicate(error, "another")).toBe(false);
  expect(kinds.isDuplicate(undefined, "once")).toBe(false);
});

test("an unknown reference is recognised by the name of its foreign key", async () => {
  const { sql } = await emptySchema();
  await sql`create table parents (id int primary key)`;
  await sql`create table children (id int constraint of_a_parent references parents)`;
  const error = await failure(sql`insert into children values (1)`);
  expect(kinds.isUnknownReference(error, "of_a_parent")).toBe(true);
  expect(kinds.isUnknownReference(error, "another")).toBe(false);
});

function failure(failing: Promise<unknown>): Promise<unknown> {
  return failing.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function readOnly(sql: Sql): Promise<unknown> {
  return transaction(sql, async (tx) => {
    await tx`set local transaction_read_only = on`;
    await tx`insert into numbers values (1)`;
  });
}

async function whileLocked(sql: Sql, setting: string): Promise<unknown> {
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`lock table numbers`;
  const failing = transaction(sql, async (tx) => {
    await tx.unsafe(setting);
    await tx`insert into numbers values (1)`;
  });
  return failing.finally(async () => {
    await holder`rollback`;
    holder.release();
  });
}

async function deadlock(sql: Sql): Promise<unknown> {
  const [a, b] = [await sql.reserve(), await sql.reserve()];
  for (const each of [a, b]) await each`begin`;
  await a`lock table texts`;
  await b`insert into numbers values (1)`;
  const answers = await Promise.allSettled([a`lock table numbers`, b`lock table texts`]);
  for (const each of [a, b]) {
    await each`rollback`;
    each.release();
  }
  throw (answers.find(({ status }) => status === "rejected") as PromiseRejectedResult).reason;
}

async function serializationFailure(sql: Sql): Promise<unknown> {
  await sql`insert into numbers values (0)`;
  return transaction(sql, async (tx) => {
    await tx`set transaction isolation level repeatable read`;
    await tx`select from numbers`;
    await sql`update numbers set n = 0`;
    await tx`update numbers set n = 1`;
  });
}

function onPoolOf(url: string): Promise<unknown> {
  const sql = connect(url, { max: 1 });
  onTestFinished(() => sql.end({ timeout: 0 }));
  return sql`insert into numbers values (1)`;
}

async function cut(how: "reset" | "end"): Promise<unknown> {
  const proxy = await startTcpProxy(await serverUrl());
  onTestFinished(proxy.close);
  const sql = connect(proxy.url, { max: 1 });
  onTestFinished(() => sql.end({ timeout: 0 }));
  await sql`select`;
  const failing = sql`select pg_sleep(60)`.execute();
  proxy.cut(how);
  return failing;
}
