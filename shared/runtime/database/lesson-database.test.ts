import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { backendPid, connect, one, type Sql, serverUrl, withThrowAwayServer } from "./index.ts";
import { joinLessonDatabase, openLessonDatabase } from "./lesson-database.ts";
import { withDatabase } from "./own-database.ts";
import { queriesFingerprint } from "./queries-fingerprint.ts";

// No lesson has this number, so the test may create a database of this name.
const NAME = "durable_lesson_99";
const QUERIES = "select 1;";

const folder = path.join(mkdtempSync(path.join(os.tmpdir(), "lesson ")), "99-test");
const mainUrl = pathToFileURL(path.join(folder, "main.ts")).href;
const silent = () => {};
let server: Sql;

beforeAll(async () => {
  mkdirSync(path.join(folder, "sql"), { recursive: true });
  writeFileSync(path.join(folder, "sql/schema.sql"), "create table notes (id int)");
  writeFileSync(path.join(folder, "sql/queries.sql"), QUERIES);
  writeFileSync(path.join(folder, "sql/queries.ts"), `${queriesFingerprint(QUERIES)}\n`);
  server = connect(await serverUrl(), { max: 1 });
  await server`drop database if exists ${server(NAME)}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server`drop database if exists ${server(NAME)}`;
});
afterAll(async () => {
  await server.end();
  rmSync(path.dirname(folder), { recursive: true });
});

test("a lesson's database has the lesson's schema, and is emptied by the next run", async () => {
  const first = await openLessonDatabase(mainUrl, silent);
  expect(first.name).toBe(NAME);
  await first.sql`insert into notes values (1)`;
  await first.sql`create schema of_the_story`;
  await first.close();

  const second = await openLessonDatabase(mainUrl, silent);
  expect(await second.sql`select * from notes`).toEqual([]);
  expect(await second.sql`select from pg_namespace where nspname = 'of_the_story'`).toEqual([]);
  await second.close();
});

test("the rows of a run can be read after it", async () => {
  const run = await openLessonDatabase(mainUrl, silent);
  await run.sql`insert into notes values (1)`;
  await run.close();

  const reader = connect(withDatabase(await serverUrl(), NAME), { max: 1 });
  expect(await reader`select * from notes`).toEqual([{ id: 1 }]);
  await reader.end();
});

test("a second run of a lesson waits for the first, and says so", async () => {
  const first = await openLessonDatabase(mainUrl, silent);
  let waits = () => {};
  const waiting = new Promise<void>((resolve) => {
    waits = resolve;
  });
  const second = openLessonDatabase(
    mainUrl,
    (line) => line.includes("another terminal") && waits(),
  );
  await waiting;
  await first.sql`insert into notes values (1)`;
  await first.close();

  const { sql, close } = await second;
  expect(await sql`select * from notes`).toEqual([]);
  await close();
});

test("a database of the same name that the guide did not create is left alone", async () => {
  await server`create database ${server(NAME)}`;
  const theirs = connect(withDatabase(await serverUrl(), NAME), { max: 1 });
  await theirs`create table precious (id int)`;
  await theirs.end();

  const refused = openLessonDatabase(mainUrl, silent);
  await expect(refused).rejects.toThrow(/already has a database "durable_lesson_99".*rename it/);

  const again = connect(withDatabase(await serverUrl(), NAME), { max: 1 });
  expect(one(await again`select to_regclass('precious')::text as name`).name).toBe("precious");
  await again.end();
});

test("an ordinary role with CREATEDB is enough, and an error names what belongs to other roles", () =>
  withThrowAwayServer(async (superuser) => {
    const admin = connect(superuser, { max: 1 });
    await admin`create role ada login createdb password 'secret'`;
    await admin.end();
    const ada = Object.assign(new URL(superuser), { username: "ada", password: "secret" }).href;
    vi.stubEnv("DATABASE_URL", ada);
    await (await openLessonDatabase(mainUrl, silent)).close();
    await (await openLessonDatabase(mainUrl, silent)).close();
    await (await joinLessonDatabase(mainUrl, silent)).close();

    vi.stubEnv("DATABASE_URL", superuser);
    for (const open of [openLessonDatabase, joinLessonDatabase]) {
      await expect(open(mainUrl, silent)).rejects.toThrow(
        /belongs to the role "ada".*use "ada" in DATABASE_URL, or .*drop database durable_lesson_99$/,
      );
    }
    const theirs = connect(withDatabase(superuser, NAME), { max: 1 });
    await theirs`create schema of_a_superuser`;
    await theirs.end();
    vi.stubEnv("DATABASE_URL", ada);
    await expect(openLessonDatabase(mainUrl, silent)).rejects.toThrow(
      /may not empty the database "durable_lesson_99" \(must be owner of schema of_a_superuser\); as a superuser run: /,
    );
  }));

test("a run fails if the queries changed after their types were generated", async () => {
  writeFileSync(path.join(folder, "sql/queries.sql"), `${QUERIES} -- edited`);
  const refused = openLessonDatabase(mainUrl, silent);
  await expect(refused).rejects.toThrow(/queries\.sql has changed.*run `pnpm typegen`/);
  writeFileSync(path.join(folder, "sql/queries.sql"), QUERIES);
});

test("several processes can join at once, and find the existing rows", async () => {
  const [first, second] = await Promise.all([
    joinLessonDatabase(mainUrl, silent),
    joinLessonDatabase(mainUrl, silent),
  ]);
  await first.sql`insert into notes values (1)`;
  expect(await second.sql`select * from notes`).toEqual([{ id: 1 }]);
  await Promise.all([first.close(), second.close()]);

  const third = await joinLessonDatabase(mainUrl, silent);
  expect(await third.sql`select * from notes`).toEqual([{ id: 1 }]);
  await third.close();
});

test("a process can join after a run was killed while it emptied the database", async () => {
  const killed = await openLessonDatabase(mainUrl, silent);
  await killed.sql`drop schema public cascade`;
  await killed.close();
  const joined = await joinLessonDatabase(mainUrl, silent);
  expect(await joined.sql`select * from notes`).toEqual([]);
  await joined.close();
});

test("a story and processes that join wait for each other", async () => {
  const joined = await joinLessonDatabase(mainUrl, silent);
  const story = openLessonDatabase(mainUrl, (line) => line.includes("another terminal") && waits());
  let waits = () => {};
  await new Promise<void>((resolve) => {
    waits = resolve;
  });
  await joined.sql`insert into notes values (1)`;
  await joined.close();

  const { sql, close } = await story;
  expect(await sql`select * from notes`).toEqual([]);
  let waitsToo = () => {};
  const waiting = new Promise<void>((resolve) => {
    waitsToo = resolve;
  });
  const another = joinLessonDatabase(mainUrl, () => waitsToo());
  await waiting;
  await close();
  await (await another).close();
});

test("joining fails with an explanation if the schema has changed since the database was created", async () => {
  await (await joinLessonDatabase(mainUrl, silent)).close();
  const schema = path.join(folder, "sql/schema.sql");
  const before = readFileSync(schema, "utf8");
  writeFileSync(schema, `${before};\ncreate table more (id int)`);
  const refused = joinLessonDatabase(mainUrl, silent);
  await expect(refused).rejects.toThrow(
    /schema of lesson 99 has changed.*pnpm --filter lesson-99 start/,
  );
  writeFileSync(schema, before);
});

test("a story continues after its connections to another server were terminated", async () => {
  vi.stubEnv("DATABASE_URL", await serverUrl());
  const { sql, cutOff, close } = await openLessonDatabase(mainUrl, silent);
  await sql`insert into notes values (1)`;
  const pids = () => Promise.all(Array.from({ length: 10 }, () => backendPid(sql)));
  const before = new Set(await pids());
  expect(await cutOff()).toMatch(/All connections are cut/);
  expect((await pids()).filter((pid) => before.has(pid))).toEqual([]);
  expect(await sql`select * from notes`).toEqual([{ id: 1 }]);
  const second = joinLessonDatabase(mainUrl, () => waits());
  let waits = () => {};
  await new Promise<void>((resolve) => {
    waits = resolve;
  });
  await close();
  await (await second).close();
});
