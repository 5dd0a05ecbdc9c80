import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

test.each(["succeeds", "fails"])(
  "an outcome is lost, and logged as lost, if its task is no longer running when the handler %s",
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
    const lines: string[] = [];
    await new Worker(sql, { tasks: [meddle], log: (line) => lines.push(line) }).tick();
    expect(await result(sql, id)).toEqual({ status: "queued" });
    expect(lines.at(-1)).toContain(`lost meddle task=${id}`);
  },
);
