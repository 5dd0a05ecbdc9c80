import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test("numbers are read as they were stored, also those that jsonb would print with 326 digits", async () => {
  const { sql } = await freshDatabase();
  // 12 MB of JSON. Postgres would print them as 558 MB of jsonb, which does not fit into a string of Node.
  const tiny = Array.from({ length: 1_700_000 }, () => 5e-324);
  const sum = task({
    name: "sum",
    run: (numbers: number[]) => ({ all: numbers.every((each) => each === 5e-324), numbers }),
  });
  const greet = task({ name: "greet", run: () => "hello" });
  const large = await enqueue(sql, sum, tiny);
  const small = await enqueue(sql, greet, null);
  await new Worker(sql, { tasks: [sum, greet], log: () => {} }).tick();

  expect(await result(sql, small)).toEqual({ status: "succeeded", output: "hello" });
  const { output } = (await result(sql, large)) as unknown as {
    output: { all: boolean; numbers: unknown[] };
  };
  expect([output.all, output.numbers.length, output.numbers.at(-1)]).toEqual([
    true,
    1_700_000,
    5e-324,
  ]);
});

test("Postgres refuses a value of more than 16 MB, also from a plain insert", async () => {
  const { sql } = await freshDatabase();
  const digits = `5${"0".repeat(17_000_000)}`;
  await expect(
    sql`insert into tasks (name, input) values ('sum', ${digits}::text::json)`,
  ).rejects.toThrow("a_payload_is_at_most_16_mb");
});
