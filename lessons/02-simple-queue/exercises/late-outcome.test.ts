import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test.each(["succeeds", "fails"])(
  "a task that has ended meanwhile keeps its end when it %s",
  async (how) => {
    const { sql } = await freshDatabase();
    const meddle = task({
      name: "meddle",
      run: async () => {
        await sql`update tasks set status = 'queued'`;
        if (how === "fails") throw new Error("too late");
      },
    });
    const id = await enqueue(sql, meddle, null);
    await new Worker(sql, { tasks: [meddle] }).tick();
    expect(await result(sql, id)).toEqual({ status: "queued" });
  },
);
