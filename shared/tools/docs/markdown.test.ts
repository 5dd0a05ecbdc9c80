import { expect, test } from "vitest";
import { fillBlocks, parseMarkdown } from "./markdown.ts";

/** The blocks of these lines, as info string and text. */
function blocks(...lines: string[]) {
  return parseMarkdown(lines.join("\n")).blocks.map(({ language, source, text }) => [
    `${language} ${source}`.trim(),
    text,
  ]);
}

/** The document after its first block was given this text. */
function filled(document: string, text: string): string {
  const [block] = parseMarkdown(document).blocks;
  if (!block) throw new Error("no block");
  return fillBlocks(document, [{ block, text }]);
}

test("a block has a language, a source and its line", () => {
  const [block] = parseMarkdown("# A\n\n```ts engine/worker.ts#Worker.tick\na\n\nb\n```\n").blocks;
  expect(block).toMatchObject({
    line: 3,
    language: "ts",
    source: "engine/worker.ts#Worker.tick",
    text: "a\n\nb",
  });
});

test("a longer fence holds a shorter one", () => {
  expect(blocks("````text", "```ts", "a", "```", "````", "```sql x", "b", "```")).toEqual([
    ["text", "```ts\na\n```"],
    ["sql x", "b"],
  ]);
});

test("a block in a list loses the list's indentation", () => {
  expect(blocks("- item", "", "  ```ts a.ts", "  if (x) {", "    y", "  }", "  ```")).toEqual([
    ["ts a.ts", "if (x) {\n  y\n}"],
  ]);
  expect(blocks("10. item", "    1. ```ts a.ts", "       x", "       ```")).toEqual([
    ["ts a.ts", "x"],
  ]);
});

test("a block in a quote loses the quote's marks", () => {
  expect(blocks("> [!NOTE]", "> ```ts a.ts", "> x", ">", "> > y", "> ```")).toEqual([
    ["ts a.ts", "x\n\n> y"],
  ]);
});

test("a block in <details> needs an empty line before it", () => {
  const inside = (...lines: string[]) =>
    parseMarkdown(["<details>", "<summary>Answer</summary>", ...lines, "</details>"].join("\n"))
      .blocks;
  expect(inside("", "```ts a.ts", "x", "```", "")).toMatchObject([{ text: "x" }]);
  expect(inside("", "```ts a.ts", "x", "```", "")[0]).not.toHaveProperty("flaw");
  expect(inside("```ts a.ts", "x", "```")[0]?.flaw).toContain("put an empty line before it");
});

test("a fence in a comment or in an indented block is none", () => {
  expect(blocks("<!--", "```ts", "```", "-->", "", "    ```ts", "    x", "    ```")).toEqual([]);
});

test("a block that is never closed says so", () => {
  expect(parseMarkdown("```ts a.ts\nx\n").blocks[0]?.flaw).toBe("is never closed; end it with ```");
  expect(parseMarkdown("- ```ts a.ts\n  x\nend\n").blocks[0]?.flaw).toContain("never closed");
});

test("a filled block keeps its indentation", () => {
  expect(filled("- a\n\n  ```ts x\n  old\n  ```\n", "new\n\n  more")).toBe(
    "- a\n\n  ```ts x\n  new\n\n    more\n  ```\n",
  );
  expect(filled("> ```ts x\n> ```\n", "a\n\nb")).toBe("> ```ts x\n> a\n>\n> b\n> ```\n");
});

test("a filled block keeps CRLF line ends", () => {
  expect(filled("# A\r\n```ts x\r\nold\r\n```\r\n", "a\nb")).toBe(
    "# A\r\n```ts x\r\na\r\nb\r\n```\r\n",
  );
});

test("a fence grows where its content would close it", () => {
  const document = filled("```ts x\nold\n```\n", "/**\n```\n*/");
  expect(document).toBe("````ts x\n/**\n```\n*/\n````\n");
  expect(parseMarkdown(document).blocks[0]?.text).toBe("/**\n```\n*/");
});
