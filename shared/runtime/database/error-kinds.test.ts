import { expect, onTestFinished, test } from "vitest";
import { emptySchema } from "../../testing/index.ts";
import { connect } from "./connect.ts";
import {
  isDataError,
  isDuplicate,
  isLostTransaction,
  isRefusedRow,
  isTransientError,
} from "./error-kinds.ts";

async function kindOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isTransientError(error) ? "transient" : isDataError(error) ? "data" : "neither";
}

test("a server that is not there, a cancelled query and a deadlock are transient", async () => {
  const nowhere = connect("postgres://127.0.0.1:1/nothing", { max: 1 });
  onTestFinished(() => nowhere.end({ timeout: 0 }));
  expect(await kindOf(nowhere`select 1`)).toBe("transient");

  const { sql } = await emptySchema();
  const ended = sql`select pg_terminate_backend(pg_backend_pid())`;
  expect(await kindOf(ended)).toBe("transient");
  const raise = (code: string) => sql.unsafe(`do $$ begin raise sqlstate '${code}'; end $$`);
  for (const code of ["40P01", "57014", "53100", "08006"]) {
    expect(await kindOf(raise(code))).toBe("transient");
  }
});

test("what no row can hold is an error of the data, and a mistake in a query is neither", async () => {
  const { sql } = await emptySchema();
  await sql`create table numbers (n int check (n > 0))`;
  expect(await kindOf(sql`insert into numbers values (-1)`)).toBe("data");
  expect(await kindOf(sql`select chr(0)`)).toBe("data");
  expect(await kindOf(sql`select from nothing`)).toBe("neither");
  expect(await kindOf(Promise.reject(new Error("else")))).toBe("neither");
});

test("a row is refused by Postgres or by somebody's trigger, and a server that takes no rows refuses none", async () => {
  const { sql } = await emptySchema();
  const isRefused = (code: string) =>
    sql.unsafe(`do $$ begin raise sqlstate '${code}'; end $$`).catch(isRefusedRow);
  for (const code of ["22P02", "23514", "P0001"]) expect(await isRefused(code)).toBe(true);
  for (const code of ["25006", "40P01", "42P01"]) expect(await isRefused(code)).toBe(false);
});

test("a transaction is lost with its connection and in a conflict, and not for what it asked for", async () => {
  const { sql } = await emptySchema();
  const thrownBy = (failing: Promise<unknown>) => failing.catch((error: unknown) => error);
  const raise = (code: string) => sql.unsafe(`do $$ begin raise sqlstate '${code}'; end $$`);
  const ended = await thrownBy(sql`select pg_terminate_backend(pg_backend_pid())`);
  expect(isLostTransaction(ended)).toBe(true);
  for (const code of ["40P01", "40001", "08006"]) {
    expect(isLostTransaction(await thrownBy(raise(code)))).toBe(true);
  }
  // A lock that `nowait` did not get, a cancelled query.
  for (const code of ["55P03", "57014", "23505"]) {
    expect(isLostTransaction(await thrownBy(raise(code)))).toBe(false);
  }
});

test("a duplicate is one of the index that is asked for", async () => {
  const { sql } = await emptySchema();
  await sql`create table numbers (n int constraint once unique)`;
  await sql`insert into numbers values (1)`;
  const error = await sql`insert into numbers values (1)`.catch((thrown: unknown) => thrown);
  expect(isDuplicate(error, "once")).toBe(true);
  expect(isDuplicate(error, "another")).toBe(false);
  expect(isDuplicate(undefined, "once")).toBe(false);
});
