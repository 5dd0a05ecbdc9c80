import { transaction } from "shared/database";
import { freshDatabase } from "shared/testing";
import { describe, expect, test } from "vitest";
import { enqueue, task } from "#engine";

const any = task({ name: "any", run: (_: unknown) => {} });
const cycle: { items: unknown[] } = { items: [] };
cycle.items.push({ parent: cycle });

describe("an input or a name that cannot be stored is refused before anything is sent", () => {
  test.each([
    ["a NUL", { note: "a\0b" }, "input.note contains a NUL"],
    ["a NUL in a key", { "a\0b": 1 }, 'input["a\\u0000b"] contains a NUL'],
    ["a lone surrogate", { names: ["ok", "\ud83d"] }, "input.names[1] contains a lone"],
    ["a BigInt", { items: [{ cents: 1n }] }, "input.items[0].cents is a BigInt"],
    ["a circular reference", cycle, "input.items[0].parent is a circular"],
    ["a function", () => {}, "input is of type function"],
    ["a toJSON that returns undefined", { toJSON: () => undefined }, "input is of type object"],
    ["a lone low surrogate", ["\udc00"], "input[0] contains a lone"],
    ["20,000 levels of nesting", nested(20_000), "too deeply nested"],
    [
      "a toJSON that throws",
      {
        at: {
          toJSON: () => {
            throw new Error("no");
          },
        },
      },
      "input.at throws",
    ],
    ["a NUL under a key with a space", { "due date": { at: "\0" } }, 'input["due date"].at'],
    ["100,000 levels of nesting", nested(100_000), "input is too long or too deeply nested"],
    ["20 MB", "x".repeat(20_000_000), "input is 20000002 bytes"],
  ])(
    "an input with %s is refused, and the error says which value is the problem",
    async (_, input, message) => {
      const { sql } = await freshDatabase();
      await expect(enqueue(sql, any, input)).rejects.toThrow(message);
      expect(await sql`select from tasks`).toHaveLength(0);
    },
  );

  test.each([
    ["empty", ""],
    ["with a NUL", "send\0invoice"],
    ["with a lone surrogate", "send \ud83d"],
    ["that is undefined", undefined as unknown as string],
  ])("a name %s is refused", async (_, name) => {
    const { sql } = await freshDatabase();
    const unnamed = task({ name, run: () => {} });
    await expect(enqueue(sql, unnamed, {})).rejects.toThrow(/^name /);
    expect(await sql`select from tasks`).toHaveLength(0);
  });
});

test("the caller's transaction can go on after a refused enqueue", async () => {
  const { sql } = await freshDatabase();
  const committed = transaction(sql, async (tx) => {
    await enqueue(tx, any, "before");
    await enqueue(tx, any, "a\0b").catch(() => {});
    await enqueue(tx, any, "after");
  });
  await expect(committed).resolves.toBeUndefined();
  expect(await sql`select input from tasks order by id`).toEqual([
    { input: "before" },
    { input: "after" },
  ]);
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
