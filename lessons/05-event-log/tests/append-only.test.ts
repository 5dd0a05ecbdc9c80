import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";

test.each([
  `update events set output = '"bye"'`,
  "delete from events",
  "truncate events",
  "truncate tasks cascade",
])("%s: the refusal says what was refused, and what to do instead", async (change) => {
  const { sql } = await freshDatabase();
  const [operation] = change.split(" ");
  await expect(sql.unsafe(change)).rejects.toMatchObject({
    message: expect.stringContaining(`: ${operation} is refused`),
    hint: expect.stringMatching(/to end a task, cancel it/i),
  });
});
