import { expect, test } from "vitest";
import { splitSymbols, symbolsOf } from "./symbols.ts";

const SOURCE = `// What this file is about.

import { x } from "./x.ts";

/** How many. */
// And why.
export const SLOTS = 3; // a worker

export function claim(id: string): string;
export function claim(id: number): number;
// The one that works.
export function claim(id: unknown): unknown {
  return id;
}

/** It has: a comment. */
export class Worker {
  #open = 1;

  /** Makes one. */
  constructor(a: number) {
    this.#open = a;
  }

  // Not attached.

  /**
   * One round.
   */
  async tick(): Promise<void> {
    const text = \`
left\`;
  }
  stop() {}
}

type Options = {
  /** In milliseconds. */
  pollIntervalMs?: number;
};

function makeContext(id: string) {
  return {
    id,
    // Runs it.
    step() {},
  };
}
`;

const { find, names } = symbolsOf("a.ts", SOURCE);

test("a declaration includes the comments directly above it", () => {
  expect(find("SLOTS")).toBe("/** How many. */\n// And why.\nexport const SLOTS = 3; // a worker");
  expect(find("Worker")).toMatch(
    /^\/\*\* It has: a comment. \*\/\nexport class Worker \{\n[\s\S]*\n\}$/,
  );
  expect(symbolsOf("a.ts", "// About the file.\n\nconst a = 1;").find("a")).toBe("const a = 1;");
});

test("the overloads of a function stay together", () => {
  expect(find("claim")).toBe(
    [
      "export function claim(id: string): string;",
      "export function claim(id: number): number;",
      "// The one that works.",
      "export function claim(id: unknown): unknown {",
      "  return id;",
      "}",
    ].join("\n"),
  );
});

test("a member is shown without its class", () => {
  expect(find("Worker.constructor")).toBe(
    "/** Makes one. */\nconstructor(a: number) {\n  this.#open = a;\n}",
  );
  expect(find("Worker.tick")).toBe(
    "/**\n * One round.\n */\nasync tick(): Promise<void> {\n  const text = `\nleft`;\n}",
  );
  expect(find("Worker.stop")).toBe("stop() {}");
  expect(find("Worker.#open")).toBe("#open = 1;");
  expect(find("Options.pollIntervalMs")).toBe("/** In milliseconds. */\npollIntervalMs?: number;");
});

test("a method of the object that a function returns is shown without the function", () => {
  expect(find("makeContext.step")).toBe("// Runs it.\nstep() {}");
  expect(find("makeContext.id")).toBeUndefined();
});

test("an unknown symbol is undefined, and the existing names are listed", () => {
  expect(find("worker")).toBeUndefined();
  expect(find("Worker.tock")).toBeUndefined();
  expect(names("worker")).toEqual(["SLOTS", "claim", "Worker", "Options", "makeContext"]);
  expect(names("Worker.tock")).toEqual(
    ["#open", "constructor", "tick", "stop"].map((m) => `Worker.${m}`),
  );
});

test("a test is found by part of its title", () => {
  const tests = symbolsOf(
    "a.ts",
    `describe("d", () => {
  // Once.
  test("no task runs twice", async () => {
    go();
  });
  test.each([1])("no task is lost, ever", () => {});
});`,
  );
  expect(tests.find("test:runs twice")).toBe(
    '// Once.\ntest("no task runs twice", async () => {\n  go();\n});',
  );
  expect(tests.find("test:lost, ever")).toContain("test.each([1])");
  expect(tests.find("test:nothing")).toBeUndefined();
  expect(() => tests.find("test:no task")).toThrow("several tests");
});

test("symbols are separated by commas, which a title may contain", () => {
  expect(splitSymbols("task, TaskDefinition,test:a, b,test:c")).toEqual([
    "task",
    "TaskDefinition",
    "test:a, b",
    "test:c",
  ]);
});
