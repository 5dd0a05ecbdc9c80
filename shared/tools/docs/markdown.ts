import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { visit } from "unist-util-visit";

export type Tree = ReturnType<typeof fromMarkdown>;

/** A fenced code block; lines are counted from 1. */
export type Block = {
  /** The line of the opening fence. */
  line: number;
  /** The line of the closing fence. */
  lastLine: number;
  /** The first word of the info string: `ts`. Empty if there is none. */
  language: string;
  /** The rest of the info string: `engine/worker.ts#Worker.tick`. */
  source: string;
  /** The content, without indentation and without the last line break. */
  text: string;
};

export type Flaw = { line: number; message: string };

export type Markdown = {
  tree: Tree;
  blocks: Block[];
  /** Fences that GitHub does not render as a block. */
  flaws: Flaw[];
};

/** Returns the syntax tree of a document, as GitHub parses it, and its fenced code blocks. */
export function parseMarkdown(document: string): Markdown {
  const tree = fromMarkdown(document, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  const lines = linesOf(document);
  const blocks: Block[] = [];
  const flaws: Flaw[] = [];
  visit(tree, "code", ({ lang, meta, value, position }) => {
    if (!position) return;
    const { line, column } = position.start;
    // An indented block starts with its indentation.
    const [fence] = /^(`{3,}|~{3,})/.exec(lines[line - 1]?.slice(column - 1) ?? "") ?? [];
    if (fence === undefined) return;
    const lastLine = position.end.line;
    const text = value.replaceAll("\r\n", "\n");
    const length = text === "" ? 0 : text.split("\n").length;
    if (lastLine - line > length && CLOSING_FENCE.test(lines[lastLine - 1] ?? "")) {
      blocks.push({ line, lastLine, language: lang ?? "", source: meta ?? "", text });
    } else {
      flaws.push({ line, message: `this block is never closed; end it with ${fence}` });
    }
  });
  const inHtml = htmlLines(tree).filter(({ text }) => /^\s*(```|~~~)/.test(text));
  // Every second fence closes a block.
  const raw = inHtml.filter((_, index) => index % 2 === 0);
  flaws.push(...raw.map(({ line }) => ({ line, message: INSIDE_HTML })));
  return { tree, blocks, flaws };
}

/** Returns the lines of a document that GitHub parses as HTML, without comments. */
export function htmlLines(tree: Tree): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  visit(tree, "html", ({ value, position }) => {
    if (value.startsWith("<!--")) return;
    const first = position?.start.line ?? 1;
    lines.push(...linesOf(value).map((text, index) => ({ line: first + index, text })));
  });
  return lines;
}

/** Returns the document with these texts in these blocks; every other byte is unchanged. */
export function fillBlocks(document: string, fills: { block: Block; text: string }[]): string {
  const lines = linesOf(document);
  for (const { block, text } of fills.toSorted((a, b) => b.block.line - a.block.line)) {
    const opening = /^(.*?)(`{3,}|~{3,})(.*?)([\r\n]+)$/.exec(lines[block.line - 1] ?? "");
    const [, before = "", old = "", info = "", lineEnd = "\n"] = opening ?? [];
    const fence = fenceAround(text, old);
    // A list marker becomes indentation on the following lines; a quote marker is repeated.
    const prefix = before.replace(/[^>\s]/g, " ");
    const content = text === "" ? [] : text.split("\n");
    lines.splice(
      block.line - 1,
      block.lastLine - block.line + 1,
      before + fence + info + lineEnd,
      ...content.map((line) => (line === "" ? prefix.trimEnd() : prefix + line) + lineEnd),
      lines[block.lastLine - 1]?.replace(/`{3,}|~{3,}/, fence) ?? "",
    );
  }
  return lines.join("");
}

const CLOSING_FENCE = /^[\s>]*(`{3,}|~{3,})\s*$/;

const INSIDE_HTML =
  "this block is inside HTML, where GitHub renders it as raw text; put a blank line before it";

/** Returns the lines of a text, each with its line ending. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n|\r(?!\n))/);
}

/** Returns the block's fence, or a longer one if the content would close it. */
function fenceAround(content: string, fence: string): string {
  const runs = content.match(fence.startsWith("`") ? /^ {0,3}`+/gm : /^ {0,3}~+/gm) ?? [];
  const longest = Math.max(0, ...runs.map((run) => run.trim().length));
  return fence.padEnd(longest + 1, fence);
}
