import type { Sql } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

/** Runs a task that must succeed, and returns the number of runs. */
async function runsOf(sql: Sql, run: () => Promise<void> | void): Promise<number> {
  let runs = 0;
  const charge = task({
    name: "charge",
    run: async () => {
      runs += 1;
      await run();
      return "charged";
    },
  });
  const id = await enqueue(sql, charge, null);
  await new Worker(sql, { tasks: [charge], log: () => {} }).tick();
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "charged" });
  return runs;
}

// Read-only, too many connections, a lock timeout, a statement timeout.
test.each(["25006", "53300", "55P03", "57014"])(
  "an outcome that Postgres refuses temporarily, with %s, is written later, and its task does not run again",
  async (code) => {
    const { sql } = await freshDatabase();
    // A rollback does not undo `nextval`.
    await sql`create sequence refusals`;
    await sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$
      begin
        if nextval('refusals') <= 2 then raise sqlstate '${code}'; end if;
        return new;
      end $$;
      create trigger refuse before update on tasks
        for each row when (new.status = 'succeeded') execute function refuse()`);

    expect(await runsOf(sql, () => {})).toBe(1);
    expect(await sql`select last_value from refusals`).toEqual([{ lastValue: "3" }]);
  },
);

test("an outcome is written after a failover that leaves every connection read-only", async () => {
  const { sql } = await freshDatabase();
  const runs = await runsOf(sql, async () => {
    const all = await Promise.all(Array.from({ length: sql.options.max }, () => sql.reserve()));
    for (const each of all) await each`set default_transaction_read_only = on`;
    for (const each of all) each.release();
  });
  expect(runs).toBe(1);
});
