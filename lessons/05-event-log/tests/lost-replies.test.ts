import {
  freshDatabase,
  Gate,
  log,
  losingReplies,
  postgresError,
  refusing,
  row,
  stoppingAt,
} from "shared/testing";
import { expect, test } from "vitest";
import { enqueue } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

// The second name is that of an engine that writes in batches.
const APPEND = ["appendEvent", "appendEvents"];
const FORBIDDEN = postgresError("42501", "permission denied");

test("an event whose reply was lost costs no attempt, and its step does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const charge = durableTask({
    name: "charge",
    retry: { maxAttempts: 1 },
    run: (_: null, { step }) =>
      step("charge", () => {
        runs += 1;
        return { runs };
      }),
  });
  const id = await enqueue(sql, charge, null);
  await runToEnd(losingReplies(sql, APPEND, 1), charge);

  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: { runs: 1 },
    attempt: 1,
    fence: 2,
    eventCount: 1,
    errors: null,
  });
  expect(await log(sql, id)).toEqual(["1 charge succeeded"]);
});

test("a failed attempt of a step whose reply was lost counts once", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const call = durableTask({
    name: "call",
    retry: { maxAttempts: 1 },
    run: (_: null, { step }) =>
      step(
        "call",
        () => {
          runs += 1;
          throw new Error(`no answer to call ${runs}`);
        },
        { retry: { maxAttempts: 3, backoffMs: 0 } },
      ),
  });
  const id = await enqueue(sql, call, null);
  await runToEnd(losingReplies(sql, APPEND, 3), call);

  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 1,
    error: { message: 'Step "call" failed: no answer to call 3' },
  });
  expect(await log(sql, id)).toEqual([
    "1 call retried: no answer to call 1",
    "1 call retried: no answer to call 2",
    "1 call failed: no answer to call 3",
    "1 call reopened",
  ]);
});

test("an event that could not be written ends the run and costs an attempt; the handler does not notice", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = durableTask({
    name: "order",
    run: async (_: null, { step }) => {
      try {
        await step("charge", () => ran.push("charge"));
      } catch {
        ran.push("caught");
      }
      return "done";
    },
  });
  const id = await enqueue(sql, order, null);
  await runToEnd(refusing(sql, APPEND, 1, FORBIDDEN), order);

  expect(ran).toEqual(["charge", "charge"]);
  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    attempt: 2,
    errors: [{ attempt: 1, name: "RunDroppedError" }],
  });
  expect(await log(sql, id)).toEqual(["1 charge succeeded"]);
});

test("a task whose event could not be written in its last attempt fails, and its error names the step and the cause", async () => {
  const { sql } = await freshDatabase();
  const charge = durableTask({
    name: "charge",
    retry: { maxAttempts: 1 },
    run: (_: null, { step }) => step("charge the card", () => {}),
  });
  const id = await enqueue(sql, charge, null);
  await runToEnd(refusing(sql, APPEND, 1, FORBIDDEN), charge);

  const error = {
    name: "RunDroppedError",
    message: 'The result of step "charge the card" may not be in the event log: permission denied',
  };
  expect(await row(sql, id)).toMatchObject({
    status: "failed",
    attempt: 1,
    error,
    errors: [error],
  });
  expect(await log(sql, id)).toEqual([]);
});

test("a run that could not write an event costs no attempt if it has written another one", async () => {
  const { sql } = await freshDatabase();
  const order = durableTask({
    name: "order",
    retry: { maxAttempts: 1 },
    run: async (_: null, { step }) => {
      await step("pack", () => {});
      await step("charge", () => {});
      return "done";
    },
  });
  const id = await enqueue(sql, order, null);
  await sql.unsafe(refuseOnce("charge", "42501"));
  await runToEnd(sql, order);

  expect(await row(sql, id)).toMatchObject({ output: "done", attempt: 1, errors: null });
  expect(await log(sql, id)).toEqual(["1 pack succeeded", "2 charge succeeded"]);
});

// Too many connections, a lock timeout, a statement timeout.
test.each(["53300", "55P03", "57014"])(
  "an event that Postgres refuses for now, with %s, is written later, and its step does not run again",
  async (code) => {
    const { sql } = await freshDatabase();
    let runs = 0;
    const charge = durableTask({
      name: "charge",
      run: (_: null, { step }) =>
        step("charge", () => {
          runs += 1;
        }),
    });
    const id = await enqueue(sql, charge, null);
    await sql.unsafe(refuseOnce("charge", code));
    await runToEnd(sql, charge);

    expect(runs).toBe(1);
    expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 1, fence: 1 });
    expect(await sql`select last_value from refusals`).toEqual([{ lastValue: "2" }]);
  },
);

test("an event whose values a trigger refuses fails its step, with the trigger's error", async () => {
  const { sql } = await freshDatabase();
  const charge = durableTask({
    name: "charge",
    run: (_: null, { step }) => step("charge", () => 1_000).catch(({ message }) => message),
  });
  const id = await enqueue(sql, charge, null);
  await sql.unsafe(refuseOnce("charge", "P0001"));
  await runToEnd(sql, charge);

  expect(await row(sql, id)).toMatchObject({
    status: "succeeded",
    output: 'Step "charge" failed: refused',
  });
  expect(await log(sql, id)).toEqual(["1 charge failed: refused"]);
});

/** Makes Postgres refuse the first event of the step with this name. */
function refuseOnce(step: string, code: string): string {
  // A rollback does not undo `nextval`.
  return `
    create sequence refusals;
    create function refuse() returns trigger language plpgsql as $$
    begin
      if nextval('refusals') = 1 then raise 'refused' using errcode = '${code}'; end if;
      return new;
    end $$;
    create trigger refuse before insert on events
      for each row when (new.name = '${step}') execute function refuse()`;
}

test("a step that succeeds after its handler has failed is in the log once, even if that reply is lost", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const handlerFails = new Gate();
  const order = durableTask({
    name: "order",
    retry: { backoffMs: 0 },
    run: async (_: null, { step, attempt }) => {
      const packed = step("pack", async () => {
        ran.push("pack");
        await handlerFails.pass();
      });
      const charged = step("charge", () => {
        if (attempt === 1) throw new Error("no answer");
      });
      try {
        await Promise.all([packed, charged]);
      } finally {
        handlerFails.open();
      }
    },
  });
  const id = await enqueue(sql, order, null);
  const packed = { query: APPEND, values: "pack", when: "after" } as const;
  await runToEnd(
    stoppingAt(sql, packed, async () => "unanswered"),
    order,
  );

  expect(ran).toEqual(["pack"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", attempt: 2 });
  expect(await log(sql, id)).toEqual([
    "2 charge failed: no answer",
    "1 pack succeeded",
    "2 charge reopened",
    "2 charge succeeded",
  ]);
});
