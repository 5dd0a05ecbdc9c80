import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { Ledger } from "../runtime/processes/index.ts";
import { freshDatabase } from "./fresh-database.ts";
import type { StopPoint } from "./stop-point.ts";
import { startTestProcess } from "./test-process.ts";

vi.stubEnv("LESSON_UNDER_TEST", fileURLToPath(new URL("fixture/lesson", import.meta.url)));
const writer = fileURLToPath(new URL("fixture/writer.ts", import.meta.url));

async function startWriter(stopAt: StopPoint) {
  const database = await freshDatabase();
  const ledger = Ledger.create();
  onTestFinished(() => ledger.remove());
  const process = startTestProcess(writer, database, ledger, { stopAt });
  const written = async () => (await database.sql`select what from written`).map((row) => row.what);
  return { process, written, lines: () => ledger.lines() };
}

test("a process stops at its point and goes on when it is told to", async () => {
  const { process, written, lines } = await startWriter({ statement: "^insert", when: "after" });
  expect(await process.stopped).toBe(true);
  expect(await written()).toEqual(["first"]);
  expect(lines()).toEqual([]);

  // What the test and the process have to say to each other is not taken for the word to go on.
  process.send("once more");
  expect(await process.firstMessage).toBe("started");
  const next = process.nextMessage();
  process.goOn("unanswered");
  expect(await next).toBe("has written");
  expect(await process.ended).toBe(0);
  expect(lines()).toEqual(["first: CONNECTION_CLOSED", "second: answered"]);
});

test("a process that ends without coming to its point did not stop there", async () => {
  const { process, lines } = await startWriter({ statement: "^delete", when: "before" });
  process.send("enough");
  expect(await process.stopped).toBe(false);
  expect(lines()).toEqual(["first: answered"]);
});
