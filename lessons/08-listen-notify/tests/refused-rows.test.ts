import type { Sql } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueueMany, setConcurrencyLimit, task } from "#engine";
import { TWENTY, tickOnce } from "./twenty.ts";

const BAD = 13;

test("an output that Postgres refuses fails its own task, and none that ends with it", async () => {
  const { sql } = await freshDatabase();
  await sql`alter table tasks add constraint not_13 check (output <> '13')`;
  const echo = task({ name: "echo", retry: {}, run: (n: number) => n });
  await enqueueMany(sql, echo, TWENTY);
  await tickOnce(sql, echo);

  expect(await outcomes(sql)).toEqual(
    TWENTY.map(({ input }) =>
      input === BAD
        ? { status: "failed", output: null, message: expect.stringContaining("not_13") }
        : { status: "succeeded", output: input, message: null },
    ),
  );
});

test("an output that somebody's trigger refuses is the only one that is lost", async () => {
  const { sql } = await freshDatabase();
  await sql`
    create function refuse() returns trigger language plpgsql
    as 'begin raise exception $$We want no 13$$; end'`;
  await sql`
    create trigger no_13 before update on tasks
    for each row when (new.output = '13') execute function refuse()`;
  const echo = task({ name: "echo", run: (n: number) => n });
  await enqueueMany(sql, echo, TWENTY);
  await expect(tickOnce(sql, echo)).rejects.toThrow("We want no 13");

  const left = await sql`select input, status from tasks where status <> 'succeeded'`;
  expect(left).toEqual([{ input: BAD, status: "running" }]);
});

test("a step's output that Postgres refuses fails its own step, and none beside it", async () => {
  const { sql } = await freshDatabase();
  await sql`alter table events add constraint not_13 check (output::text <> '13')`;
  const order = durableTask({
    name: "order",
    run: async (n: number, { step }) => {
      const output = await step("echo", () => n).catch(({ message }) => message);
      return [output, await step("goes on", () => "on")];
    },
  });
  await enqueueMany(sql, order, TWENTY);
  await tickOnce(sql, order);

  expect(await outcomes(sql)).toEqual(
    TWENTY.map(({ input }) => ({
      status: "succeeded",
      output: [input === BAD ? expect.stringContaining("not_13") : input, "on"],
      message: null,
    })),
  );
});

test("a child with an unknown concurrency key fails its own call, and none beside it", async () => {
  const { sql } = await freshDatabase();
  const never = task({ name: "nobody knows it", run: (_: number) => {} });
  const parent = durableTask({
    name: "parent",
    run: async (n: number, { run }) => {
      const concurrencyKey = n === BAD ? "nobody has set it" : "api";
      return run(never, n, { concurrencyKey }).catch(({ name, cause }) => [name, cause.name]);
    },
  });
  await setConcurrencyLimit(sql, "api", 1);
  await enqueueMany(sql, parent, TWENTY);
  await tickOnce(sql, parent);

  const children = await sql`select input from tasks where parent_id is not null order by input`;
  expect(children.map(({ input }) => input)).toEqual(
    TWENTY.map(({ input }) => input).filter((input) => input !== BAD),
  );
  expect((await outcomes(sql)).slice(0, TWENTY.length)).toEqual(
    TWENTY.map(({ input }) =>
      input === BAD
        ? {
            status: "succeeded",
            output: ["ChildFailedError", "UnknownConcurrencyKeyError"],
            message: null,
          }
        : { status: "suspended", output: null, message: null },
    ),
  );
});

async function outcomes(sql: Sql) {
  return [
    ...(await sql`
    select status, output, error ->> 'message' as message from tasks order by id`),
  ];
}
