import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { type Markdown, parseMarkdown } from "./markdown.ts";

export type BrokenLink = { line: number; message: string };

// [text](target "title"), ![image](target), [reference]: target, <a href="target">, <img src="target">
const LINKS = [
  /\]\(\s*<([^>\n]*)>[^)]*\)/g,
  /\]\(\s*((?:[^\s()<]|\([^\s()]*\))+)(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g,
  /^ {0,3}\[[^\]^]+\]:\s*<?([^\s>]+)/gm,
  /\b(?:href|src|srcset)="([^"]+)"/g,
];

/** The relative links and images of a document that lead nowhere. */
export function brokenLinks(document: Markdown, file: string, root: string): BrokenLink[] {
  const prose = withoutCodeSpans(document.prose.join("\n"));
  return LINKS.flatMap((link) => [...prose.matchAll(link)])
    .map(({ index, 1: target = "" }) => ({
      line: prose.slice(0, index).split("\n").length,
      message: problemWith(target, file, root),
    }))
    .filter((link): link is BrokenLink => link.message !== undefined)
    .sort((a, b) => a.line - b.line);
}

/** The anchors of a document, as GitHub makes them from its headings. */
export function anchorsOf({ prose }: Markdown): Set<string> {
  const anchors = new Set<string>();
  prose.forEach((line, index) => {
    const atx = /^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$/.exec(line)?.[1];
    const underlined = line.trim() !== "" && /^ {0,3}(?:=+|-+)\s*$/.test(prose[index + 1] ?? "");
    const heading = atx ?? (underlined ? line.trim() : undefined);
    if (heading !== undefined) {
      const slug = slugOf(heading);
      let anchor = slug;
      for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
      anchors.add(anchor);
    }
    for (const [, id = ""] of line.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(id);
  });
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, "$1")
    .replace(/<[^>]+>|&\w+;/g, "")
    .replace(/(^|\W)_([^_]+)_(?=\W|$)/g, "$1$2")
    .toLowerCase()
    .replace(/[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

function problemWith(target: string, file: string, root: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(target)) return undefined;
  const [, there = "", anchor] = /^([^#?]*)(?:\?[^#]*)?(?:#(.*))?$/.exec(target) ?? [];
  const folder = there.startsWith("/") ? root : path.dirname(file);
  const leadsTo = there === "" ? file : path.join(folder, decode(there));
  if (path.relative(root, leadsTo).startsWith("..")) {
    return `the link ${target} leads out of the repository; write the whole address`;
  }
  if (!existsSync(leadsTo)) {
    return `the link ${target} leads nowhere; write a path from the README's folder`;
  }
  const document = statSync(leadsTo).isDirectory() ? path.join(leadsTo, "README.md") : leadsTo;
  if (!anchor || !document.endsWith(".md") || !existsSync(document)) return undefined;
  const anchors = anchorsOf(parseMarkdown(readFileSync(document, "utf8")));
  if (anchors.has(decode(anchor))) return undefined;
  return `the link ${target} names no heading; there are ${[...anchors].map((name) => `#${name}`).join(", ") || "none"}`;
}

/** Blanks of the same length, so that what follows keeps its line. */
function withoutCodeSpans(prose: string): string {
  return prose.replace(/(?<!`)(`+)(?!`)((?:(?!\n\s*\n)[\s\S])*?)(?<!`)\1(?!`)/g, (span) =>
    span.replace(/[^\n]/g, " "),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
