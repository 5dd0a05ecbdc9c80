import { expect, test } from "vitest";
import { read, scratchFolder, TWO_LESSONS } from "../lessons/scratch-lessons.ts";

import { updateDocs } from "./update.ts";

const README = "lessons/02-two/README.md";

// Counts its runs in a file.
const MAIN = `import { appendFileSync } from "node:fs";
appendFileSync("runs.txt", "x");
const label: string = process.argv[2] ?? "none";
console.log(\`\\n── First \${"─".repeat(20)}\\n\\ntook \${process.pid % 97} ms   ok\`);
console.error("a warning");
console.log(\`\\n── Second part ───\\n\\n\\u001b[31mworker-1 ran 12\\u001b[39m, color \${process.env.NO_COLOR}\`);
console.log(\`argument \${label}\\n\`);
if (label === "fail") process.exit(3);
`;

const block = (source: string, ...lines: string[]) =>
  [`\`\`\`console ${source}`, ...lines, "```", ""].join("\n");

function treeWith(readme: string): string {
  return scratchFolder({
    ...TWO_LESSONS,
    [README]: readme,
    "lessons/02-two/main.ts": MAIN,
    "shared/tools/cli/lesson.ts": `console.log("lesson", ...process.argv.slice(2));`,
  });
}

async function filled(readme: string): Promise<string> {
  const root = treeWith(readme);
  const { problems } = await updateDocs({ root });
  return problems.length > 0 ? problems.join("\n") : read(root, README);
}

test("a transcript is the output of the lesson, from one run for all blocks", async () => {
  const root = treeWith(block("start") + block("start#Second part") + block("start#First"));
  expect((await updateDocs({ root })).problems).toEqual([]);
  const text = read(root, README).replace(/\d+ ms/g, "N ms");
  const second = "worker-1 ran 12, color 1\nargument none\n```\n";
  expect(text).toBe(
    [
      "```console start\n$ pnpm --filter lesson-02 start",
      "── First ────────────────────\n\ntook N ms   ok\na warning\n",
      `── Second part ───\n\n${second}\`\`\`console start#Second part\n${second}\`\`\`console start#First`,
      "took N ms   ok\na warning\n```\n",
    ].join("\n"),
  );
  expect(read(root, "lessons/02-two/runs.txt")).toBe("x");
});

test("a transcript that differs only in times is not changed", async () => {
  const readme = block("start#First", "took 1.5 s ok", "a warning");
  const root = treeWith(readme);
  expect(await updateDocs({ root })).toMatchObject({
    stale: [],
    changed: [],
    blocks: 1,
  });
  expect(read(root, README)).toBe(readme);
});

test("a transcript may show a command with arguments, or any lesson command", async () => {
  expect(await filled(block("start now#Second part"))).toContain("argument now");
  expect(await filled(block("start now"))).toContain("\n$ pnpm --filter lesson-02 start now\n");
  expect(await filled(block("pnpm --filter lesson-02 start#Second part"))).toContain(
    "argument none",
  );
  expect(await filled(block("lesson list"))).toBe(
    block("lesson list", "$ pnpm lesson list", "lesson list"),
  );
  expect(await filled(block("pnpm lesson diff 1 2"))).toContain(
    "$ pnpm lesson diff 1 2\nlesson diff 1 2\n",
  );
});

test("a run that fails or lacks the heading is reported", async () => {
  const failed = await filled(block("start fail"));
  expect(failed).toContain(
    `${README}:1: "pnpm --filter lesson-02 start fail" ended with exit code 3`,
  );
  expect(failed).toContain("worker-1 ran 12");
  expect(await filled(block("start#Third"))).toContain(
    'no heading "Third"; it prints "First", "Second part"',
  );
  expect(await filled(block("lesson docs"))).toContain('cannot run "lesson docs"');
  expect(await filled("```console\n```\n")).toContain("a console block has no source");
});

test("transcripts can be skipped", async () => {
  const root = treeWith(block("start fail"));
  expect(await updateDocs({ root, transcripts: false })).toMatchObject({
    problems: [],
    blocks: 0,
  });
});
