import path from "node:path";
import { expect, test } from "vitest";
import { scratchFolder, TWO_LESSONS } from "../lessons/scratch-lessons.ts";
import { anchorsIn, brokenLinks } from "./links.ts";
import { parseMarkdown } from "./markdown.ts";

const anchors = (text: string) => [...anchorsIn(parseMarkdown(text).tree)];

/** Returns the broken links of a README in lesson 01, as `line: target`. */
function broken(readme: string, files: Record<string, string> = {}): string[] {
  const root = scratchFolder({ ...TWO_LESSONS, ...files, "lessons/01-one/README.md": readme });
  const file = path.join(root, "lessons", "01-one", "README.md");
  return brokenLinks(parseMarkdown(readme).tree, file, root).map(
    ({ line, message }) => `${line}: ${/the link (\S+)/.exec(message)?.[1]}`,
  );
}

test("anchors are made from headings as on GitHub", () => {
  expect(
    anchors("# 05 · Durable event log\n## `ctx.step()` & *why* it_holds\n## Why?\n## Why?"),
  ).toEqual(["05--durable-event-log", "ctxstep--why-it_holds", "why", "why-1"]);
  expect(anchors("## [A link](x.md) to _it_ ##\n\nUnder\n-----\n\n```bash\n# none\n```")).toEqual([
    "a-link-to-it",
    "under",
  ]);
  expect(anchors('<a id="here"></a>')).toEqual(["here"]);
});

test("a link to a file, a folder or a heading is valid", () => {
  const readme = [
    "# Top",
    "[a](../02-two) ![b](pic%20one.png) [c](../../README.md#root) [d](#top)",
    "[e](https://example.com/x) [f](mailto:a@b.c) [g](/README.md) [h](<pic one.png>)",
    '[i](engine/a.ts "title") [j](../02-two#two)',
  ].join("\n");
  const files = { "lessons/01-one/pic one.png": "", "lessons/01-one/engine/a.ts": "" };
  expect(broken(readme, files)).toEqual([]);
});

test("a broken link is reported with its line", () => {
  const readme = [
    "# Top",
    "[a](../03-three) ![b](none.png)",
    "",
    "[![c](none.svg)](#bottom) [d](../../README.md#rot) [e](../../../x) [f][]",
    "",
    "[f]: none.md",
    "",
    '<p>\n<a href="none.html"><img src="none.jpg"></a>',
    "",
    "| a | b |\n|---|---|\n| ` | [g](none.ts) |\n| ` | b |",
  ].join("\n");
  expect(broken(readme)).toEqual([
    "2: ../03-three",
    "2: none.png",
    "4: #bottom",
    "4: none.svg",
    "4: ../../README.md#rot",
    "4: ../../../x",
    "6: none.md",
    "13: none.ts",
    "9: none.html",
    "9: none.jpg",
  ]);
});

test("a link inside code is ignored", () => {
  expect(
    broken("`[a](none)` and ``[b](`none)``\n\n```text\n[c](none)\n```\n<!-- [d](none) -->"),
  ).toEqual([]);
});
