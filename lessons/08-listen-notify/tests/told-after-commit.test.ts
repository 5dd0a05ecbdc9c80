import { freshDatabase, Gate, stoppingAt } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueueMany } from "#engine";
import { GROUPS } from "./groups.ts";
import { TWENTY, tickOnce } from "./twenty.ts";

describe.each(GROUPS)("$what of many tasks", ({ batch, definition, logs, written }) => {
  test.each(["before", "after"] as const)(
    "nobody is told anything %s they are written, until the answer is there",
    async (when) => {
      const { sql } = await freshDatabase();
      const gate = new Gate();
      const stopping = stoppingAt(sql, { query: batch, when }, () => gate.pass());
      let told = 0;
      const tell = () => {
        told += 1;
      };
      const log = (line: string) => void (logs.test(line) && tell());
      const writes = definition(tell);
      await enqueueMany(sql, writes, TWENTY);
      const ticked = tickOnce(stopping, writes, { log });
      await gate.arrived(1);
      const count = (await sql.unsafe(written)).length;
      expect({ told, count }).toEqual({ told: 0, count: when === "before" ? 0 : TWENTY.length });
      gate.open();
      await ticked;
      expect(told).toBe(TWENTY.length);
    },
  );
});
