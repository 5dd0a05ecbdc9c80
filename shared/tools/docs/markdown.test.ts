import { expect, test } from "vitest";
import { fillBlocks, parseMarkdown } from "./markdown.ts";

const parse = (...lines: string[]) => parseMarkdown(lines.join("\n"));

/** Returns the blocks of these lines, as info string and text. */
const blocks = (...lines: string[]) =>
  parse(...lines).blocks.map(({ language, source, text }) => [
    `${language} ${source}`.trim(),
    text,
  ]);

/** Returns the errors in the blocks of these lines, as `line: message`. */
const flaws = (...lines: string[]) =>
  parse(...lines).flaws.map(({ line, message }) => `${line}: ${message}`);

/** Returns the document after its blocks were filled with these texts. */
const filled = (document: string, ...texts: string[]) =>
  fillBlocks(
    document,
    parse(document).blocks.map((block, i) => ({ block, text: texts[i] ?? "" })),
  );

test("a block has a language, a source and its line", () => {
  const [block] = parse("# A\n\n```ts engine/worker.ts#Worker.tick\na\n\nb\n```\n").blocks;
  expect(block).toMatchObject({
    line: 3,
    lastLine: 7,
    language: "ts",
    source: "engine/worker.ts#Worker.tick",
    text: "a\n\nb",
  });
});

test("a block with a longer fence can contain a shorter fence", () => {
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

test("a block in <details> needs a blank line before it", () => {
  const inside = (...lines: string[]) => ["<details>", ...lines, "</details>", ""];
  const block = ["```ts a.ts", "x", "```", ""];
  expect(blocks(...inside("", ...block))).toEqual([["ts a.ts", "x"]]);
  expect(flaws(...inside("", ...block))).toEqual([]);
  expect(flaws(...inside(...block), ...inside(...block))).toEqual([
    expect.stringMatching(/^2: .*put a blank line before it$/),
    expect.stringMatching(/^9: /),
  ]);
});

test("a fence in a comment or in an indented block is ignored", () => {
  const { blocks, flaws } = parse("<!--", "```ts", "-->", "", "    ```ts", "    x", "    ```");
  expect([...blocks, ...flaws]).toEqual([]);
});

test("a block that is never closed is reported", () => {
  const unclosed = ["1: this block is never closed; end it with ```"];
  expect(flaws("```ts a.ts", "x", "")).toEqual(unclosed);
  expect(flaws("```ts a.ts", "> ```")).toEqual(unclosed);
  expect(flaws("- ```ts a.ts", "  x", "end")).toEqual(unclosed);
  expect(flaws("> ```ts a.ts", "> x", "", "end")).toEqual(unclosed);
  expect(flaws("```ts", "```")).toEqual([]);
});

test("a filled block keeps its indentation", () => {
  expect(filled("- a\n\n  ```ts x\n  old\n  ```\n", "new\n\n  more")).toBe(
    "- a\n\n  ```ts x\n  new\n\n    more\n  ```\n",
  );
  expect(filled("> ```ts x\n> ```\n", "a\n\nb")).toBe("> ```ts x\n> a\n>\n> b\n> ```\n");
});

test("blocks are filled together, and every other byte is preserved", () => {
  const document = (a: string, b: string) =>
    `\uFEFF# A  \n\n1. x\n\n\t~~~~ts\ta\n${a}\t~~~~  \n\n| a |\n|---|\n\n\`\`\`sql b\n${b}\`\`\``;
  expect(filled(document("", "old\n"), "a", "b\nc")).toBe(document("\ta\n", "b\nc\n"));
});

test("a filled block keeps CRLF line endings", () => {
  expect(filled("# A\r\n```ts x\r\nold\r\n```\r\n", "a\nb")).toBe(
    "# A\r\n```ts x\r\na\r\nb\r\n```\r\n",
  );
});

test("a fence gets longer if its content would close it", () => {
  const document = filled("```ts x\nold\n```\n", "/**\n```\n*/");
  expect(document).toBe("````ts x\n/**\n```\n*/\n````\n");
  expect(parse(document).blocks[0]?.text).toBe("/**\n```\n*/");
});
