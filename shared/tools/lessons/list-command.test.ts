import { beforeEach, expect, test, vi } from "vitest";
import { findLessons } from "./lessons.ts";
import { listCommand } from "./list-command.ts";
import { printed, scratchFolder } from "./scratch-lessons.ts";
import { summarize } from "./summary.ts";

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "1");
  return () => vi.unstubAllEnvs();
});

function claimOf(readme: string): string | undefined {
  const root = scratchFolder({
    "lessons/02-simple-queue/package.json": "{}",
    "lessons/02-simple-queue/README.md": readme,
  });
  return findLessons(root).map(summarize)[0]?.claim;
}

test("every lesson is listed with its title, its claim and how to run it", async () => {
  const root = scratchFolder({
    "lessons/01-prerequisites/package.json": "{}",
    "lessons/01-prerequisites/README.md":
      "# 01 · Prerequisites\n\nTwo connections never get the same row. More text.\n",
    "lessons/02-simple-queue/package.json": "{}",
  });
  expect(await printed(listCommand(root), [])).toBe(
    [
      "01  Prerequisites    pnpm --filter lesson-01 start",
      "    Two connections never get the same row.",
      "",
      "02  02-simple-queue  pnpm --filter lesson-02 start",
      "",
    ].join("\n"),
  );
});

test("the claim is plain text, without Markdown and without the links around it", () => {
  const links =
    "[← 01](../01-prerequisites/README.md) · [03 →](../03-concurrency-limits/README.md)";
  expect(
    claimOf(
      `# 02 · Simple queue\n\n${links}\n\n> **Every task** is handed\n> to \`one\` [worker](x).\n`,
    ),
  ).toBe("Every task is handed to one worker.");
  expect(claimOf("# 02 · Simple queue\r\n\r\nThe column run_at decides.\r\n")).toBe(
    "The column run_at decides.",
  );
  expect(claimOf("# 02 · Simple queue\n\n## Watch lesson 01 fail\n\nText.\n")).toBe("");
});

test("an empty list is reported", async () => {
  expect(await printed(listCommand(scratchFolder()), [])).toContain("There are no lessons");
});

test("the list is coloured with FORCE_COLOR", async () => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("FORCE_COLOR", "1");
  const root = scratchFolder({ "lessons/01-a/package.json": "{}" });
  expect(await printed(listCommand(root), [])).toContain("\u001b[");
});
