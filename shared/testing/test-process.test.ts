import { fileURLToPath } from "node:url";
import { describe, expect, onTestFailed, test, vi } from "vitest";
import type { StopPoint } from "./faults.ts";
import { freshDatabase } from "./fresh-database.ts";
import { freshLedger } from "./fresh-ledger.ts";
import { startTestProcess } from "./test-process.ts";

vi.stubEnv("LESSON_UNDER_TEST", fileURLToPath(new URL("fixture/lesson", import.meta.url)));
const writer = fileURLToPath(new URL("fixture/writer.ts", import.meta.url));

async function startWriter(stopAt: StopPoint) {
  const database = await freshDatabase();
  const ledger = freshLedger();
  const process = startTestProcess(writer, database, ledger, { stopAt });
  const written = async () => (await database.sql`select what from written`).map((row) => row.what);
  return { process, written, lines: () => ledger.lines() };
}

test("a process stops at its stop point and continues on request", async () => {
  const { process, written, lines } = await startWriter({ query: "insertWritten", when: "after" });
  await process.stopped;
  expect(await written()).toEqual(["first"]);
  expect(lines()).toEqual([]);

  // Other messages between the test and the process do not make it continue.
  process.send("once more");
  expect(await process.firstMessage).toBe("started");
  const next = process.nextMessage();
  process.goOn("unanswered");
  expect(await next).toBe("has written");
  expect(await process.ended).toBe(0);
  expect(lines()).toEqual(["first: CONNECTION_CLOSED", "second: answered"]);
});

describe("a process that never reaches its stop point fails its test", () => {
  const messages: unknown[] = [];

  test.fails.each<[string, string, string]>([
    ["because it ends before", "rollback", "Never reached: the stop before rollback"],
    [
      "because the lesson lacks the query",
      "deleteWritten",
      "Lesson lesson has no query deleteWritten",
    ],
  ])("%s", async (_, query, message) => {
    onTestFailed(({ task }) => {
      messages.push(task.result?.errors?.map((error) => `${error.name}: ${error.message}`));
    });
    const { process, lines } = await startWriter({ query, when: "before" });
    process.send("enough");
    const refused = { name: "AssertionError", message: expect.stringContaining(message) };
    await expect(process.stopped).rejects.toMatchObject(refused);
    expect(await process.ended).toBe(0);
    expect(lines()).toEqual(["first: answered"]);
  });

  test("with a message that names the stop point", () => {
    const never = (query: string) => [`AssertionError: Never reached: the stop before ${query}`];
    expect(messages).toEqual([never("rollback"), never("deleteWritten")]);
  });
});
