/** A fenced code block. */
export type Block = {
  /** The line of the opening fence, counted from 1. */
  line: number;
  /** The first word of the info string: `ts`. Empty if there is none. */
  language: string;
  /** The rest of it: `engine/worker.ts#Worker.tick`. */
  source: string;
  /** What the block holds, without indentation and without a last line break. */
  text: string;
  /** How many lines that is: an empty block has none. */
  length: number;
  /** Its opening fence, without indentation. */
  fence: string;
  /** What every line of it begins with: the indentation in a list, the `> ` of a quote. */
  prefix: string;
  /** Why GitHub would not show it as this block, if so. */
  flaw?: string;
};

export type Markdown = {
  lines: string[];
  blocks: Block[];
  /** The lines again, with every code block and comment left blank. */
  prose: string[];
};

/**
 * Finds the code blocks as CommonMark does: in lists and quotes, with longer fences around shorter ones,
 * and not in comments. HTML runs to the next empty line, and a fence in it is no fence.
 */
export function parseMarkdown(text: string): Markdown {
  const lines = text.split(/\r?\n/);
  const prose = [...lines];
  const blocks: Block[] = [];
  const lists: number[] = [];
  let depth = 0;
  let html: RegExp | undefined;
  let code = false;

  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const quote = QUOTE.exec(line)?.[0] ?? "";
    const quotes = quote.replaceAll(" ", "").length;
    if (quotes !== depth) lists.length = 0;
    depth = quotes;
    const rest = enterLists(line.slice(quote.length), lists);
    const blank = rest.trim() === "";

    // An indented block keeps whatever stands in it, fences too.
    code = rest.startsWith("    ") && !blank && (code || lines[index - 1]?.trim() === "");
    if (code) prose[index] = "";

    const inHtml = html !== undefined;
    html ??= htmlEnd(rest);
    if (html && html !== EMPTY_LINE) {
      prose[index] = "";
      if (html.test(rest)) html = undefined;
      continue;
    }
    if (blank) html = undefined;

    const fence = openingFence(rest);
    if (!fence || code) continue;
    const before = line.slice(0, line.length - rest.trimStart().length);
    const prefix = before.replace(/[^>]/g, " ");
    const content = readUntilClosed(lines, index + 1, fence, {
      quotes,
      list: lists.at(-1) ?? 0,
      indent: before.length - quote.length,
    });
    const info = rest.trimStart().slice(fence.length).trim();
    const [language = ""] = info.split(/\s/, 1);
    const flaw = inHtml
      ? "stands inside HTML, where GitHub shows it raw; put an empty line before it"
      : content.closed
        ? undefined
        : `is never closed; end it with ${fence}`;
    blocks.push({
      line: index + 1,
      language,
      source: info.slice(language.length).trim(),
      text: content.lines.join("\n"),
      length: content.lines.length,
      fence,
      prefix,
      ...(flaw !== undefined && { flaw }),
    });
    const end = index + content.lines.length + (content.closed ? 1 : 0);
    prose.fill("", index, end + 1);
    index = end;
  }
  return { lines, blocks, prose };
}

/** The document with the given blocks holding the given texts; line ends stay as they are. */
export function fillBlocks(document: string, fills: { block: Block; text: string }[]): string {
  const lines = document.split("\n");
  const end = document.includes("\r\n") ? "\r" : "";
  for (const { block, text } of fills.toSorted((a, b) => b.block.line - a.block.line)) {
    const content = text === "" ? [] : text.split("\n");
    const closing = block.line + block.length;
    const fence = fenceAround(content, block.fence);
    lines[block.line - 1] = lines[block.line - 1]?.replace(block.fence, fence) ?? "";
    lines[closing] = lines[closing]?.replace(/[`~]{3,}/, fence) ?? "";
    const indented = content.map(
      (line) => (line === "" ? block.prefix.trimEnd() : block.prefix + line) + end,
    );
    lines.splice(block.line, block.length, ...indented);
  }
  return lines.join("\n");
}

const QUOTE = /^(?: {0,3}> ?)*/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?: {1,4}(?=\S)|$)/;
const EMPTY_LINE = /^$/;
const HTML_BLOCK =
  /^ {0,3}<\/?(?:details|summary|div|p|table|thead|tbody|tr|td|th|ul|ol|li|dl|dt|dd|center|h[1-6]|picture|section|blockquote)(?=[\s/>]|$)/i;

/** What is left of a line behind the lists it stands in, after closing and opening those it does. */
function enterLists(line: string, lists: number[]): string {
  if (line.trim() === "") return "";
  const indent = line.search(/\S/);
  while ((lists.at(-1) ?? 0) > indent) lists.pop();
  let column = lists.at(-1) ?? 0;
  for (;;) {
    const item = LIST_ITEM.exec(line.slice(column))?.[0];
    if (item === undefined) return line.slice(column);
    column += item.length;
    lists.push(item.endsWith(" ") ? column : column + 1);
  }
}

/** What ends the HTML block that begins on this line, if one does. */
function htmlEnd(line: string): RegExp | undefined {
  if (/^ {0,3}<!--/.test(line)) return /-->/;
  const raw = /^ {0,3}<(pre|script|style|textarea)\b/i.exec(line)?.[1];
  if (raw) return new RegExp(`</${raw}>`, "i");
  return HTML_BLOCK.test(line) ? EMPTY_LINE : undefined;
}

function openingFence(line: string): string | undefined {
  return /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
}

/** The lines of a block up to its closing fence, or up to the end of the list or quote it stands in. */
function readUntilClosed(
  lines: string[],
  from: number,
  fence: string,
  at: { quotes: number; list: number; indent: number },
): { lines: string[]; closed: boolean } {
  const quote = new RegExp(`^(?: {0,3}> ?){${at.quotes}}`);
  const close = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`);
  const indentation = new RegExp(`^ {0,${at.indent}}`);
  const content: string[] = [];
  for (const line of lines.slice(from)) {
    const quoted = quote.exec(line)?.[0];
    if (quoted === undefined) break;
    const body = line.slice(quoted.length);
    if (body.trim() !== "" && body.search(/\S/) < at.list) break;
    if (close.test(body.slice(at.list))) return { lines: content, closed: true };
    content.push(body.replace(indentation, ""));
  }
  return { lines: content, closed: false };
}

/** The block's fence, or a longer one where the content would close it. */
function fenceAround(content: string[], fence: string): string {
  const mark = fence[0] ?? "`";
  const runs = content.map((line) => /^ {0,3}([`~]*)/.exec(line)?.[1] ?? "");
  const longest = Math.max(
    0,
    ...runs.filter((run) => run.startsWith(mark)).map((run) => run.length),
  );
  return mark.repeat(Math.max(fence.length, longest + 1));
}
