import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { useCrashableServer } from "./crashable-database.ts";
import { freshLedger } from "./fresh-ledger.ts";
import { startTestProcess } from "./test-process.ts";
import { die, waysToDie } from "./ways-to-die.ts";

vi.stubEnv("LESSON_UNDER_TEST", fileURLToPath(new URL("fixture/lesson", import.meta.url)));
const writer = fileURLToPath(new URL("fixture/writer.ts", import.meta.url));
const crashableDatabase = useCrashableServer();

const matrix = (["before", "after"] as const).flatMap((when) =>
  waysToDie.map((way) => [way, when] as const),
);

test.each(matrix)("%s %s a statement", async (way, when) => {
  const database = await crashableDatabase();
  const ledger = freshLedger();
  const stopAt = { query: "insertWritten", when };
  const doomed = startTestProcess(writer, database.byProxy, ledger, { stopAt });
  await doomed.stopped;

  await die(way, [{ ...database, stopped: doomed }]);

  const written = async () => (await database.sql`select what from written`).map((row) => row.what);
  if (way === "kill -9") {
    expect(await doomed.ended).toBe("SIGKILL");
    expect(ledger.lines()).toEqual([]);
    expect(await written()).toEqual(when === "before" ? [] : ["first"]);
    return;
  }
  doomed.send("once more");
  expect(await doomed.ended).toBe(0);
  const [first, ...others] = ledger.lines();
  expect(others.at(-1)).toBe("second: answered");
  if (when === "after") expect(first).toBe("first: CONNECTION_CLOSED");
  // Stopped before the statement, the process may send it on the broken connection or on a new one.
  const wasSent = when === "after" || first === "first: answered";
  expect(await written()).toEqual(wasSent ? ["first", "second"] : ["second"]);
});

test("the test's own pool survives the failures of the server", async () => {
  const { sql, server } = await crashableDatabase();
  const held = await sql.reserve();
  const cutOff = held`select pg_sleep(60)`.catch((error) => error);
  await sql`insert into written values ('before')`;
  await server.restart();
  expect(await cutOff).toBeInstanceOf(Error);
  await sql`insert into written values ('between')`;
  await server.crash();
  expect(await sql`select what from written`).toEqual([{ what: "before" }, { what: "between" }]);
});
