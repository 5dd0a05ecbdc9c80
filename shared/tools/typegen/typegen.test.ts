import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startThrowAwayServer,
  type ThrowAwayServer,
} from "../../runtime/database/embedded/throw-away.ts";
import { queriesFingerprint } from "../../runtime/database/queries-fingerprint.ts";
import { typegen } from "./index.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "typegen test "));
const sql = path.join(root, "lessons/01-one/sql");
mkdirSync(sql, { recursive: true });
writeFileSync(path.join(root, "lessons/01-one/package.json"), "{}");
writeFileSync(path.join(sql, "schema.sql"), "create table notes (id bigint, some_text text);");
afterAll(() => rmSync(root, { recursive: true }));

// One for all of them, as to set it up takes longer than what they do.
let server: ThrowAwayServer;
beforeAll(async () => {
  server = await startThrowAwayServer();
});
afterAll(() => server.remove());

function generate({ check }: { check: boolean }) {
  return typegen({ check, root, server: server.url });
}

const RIGHT = `/* Reads a note. */
/* @name readNote */
select id, some_text
from notes
where id = :id!;
`;

function save(queries: string): void {
  writeFileSync(path.join(sql, "queries.sql"), queries);
}

function generated(): string {
  return readFileSync(path.join(sql, "queries.ts"), "utf8");
}

test("the types of a query come from Postgres, and its columns in camelCase", async () => {
  save(RIGHT);
  expect(await generate({ check: false })).toMatchObject([{ inStep: false }]);
  expect(generated()).toContain("export const readNote");
  expect(generated()).toContain("someText: string | null");
  expect(generated().startsWith(queriesFingerprint(RIGHT))).toBe(true);
  expect(await generate({ check: true })).toMatchObject([{ inStep: true }]);
});

test("a statement's parameters have their numbers in it, unless an array is spread there", async () => {
  save(
    `${RIGHT}/* @name readNotes\n   @param ids -> (...) */\nselect id from notes where id in :ids! or id = :id!;\n`,
  );
  await generate({ check: false });
  expect(generated()).toContain('\\nwhere id = $1"');
  expect(generated()).toContain('where id in :ids! or id = :id!"');
});

test("a check notices a change of the queries, and writes nothing", async () => {
  const before = generated();
  save(RIGHT.replace("some_text", "some_text as renamed"));
  expect(await generate({ check: true })).toMatchObject([{ inStep: false }]);
  expect(generated()).toBe(before);
});

test("a query that Postgres refuses is named, with what Postgres says", async () => {
  save(RIGHT.replace("some_text", "sum_text"));
  const refused = generate({ check: false });
  await expect(refused).rejects.toThrow(/queries\.sql: ReadNote: column "sum_text" does not exist/);
});

test("a file that cannot be parsed is refused with the line", async () => {
  save(`${RIGHT}\nselect )(\n`);
  const refused = generate({ check: false });
  await expect(refused).rejects.toThrow(/queries\.sql: line \d+: Parse error/);
});
