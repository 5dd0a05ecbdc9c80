import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import GithubSlugger from "github-slugger";
import { toString as textOf } from "mdast-util-to-string";
import { visit } from "unist-util-visit";
import { type Flaw, htmlLines, parseMarkdown, type Tree } from "./markdown.ts";

/** Returns the broken relative links and images of a document. */
export function brokenLinks(tree: Tree, file: string, root: string): Flaw[] {
  return linksIn(tree)
    .map(({ line, target }) => ({ line, message: problemWith(target, file, root) }))
    .filter((link): link is Flaw => link.message !== undefined);
}

/** Returns the anchors of a document, as GitHub generates them from its headings. */
export function anchorsIn(tree: Tree): Set<string> {
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  visit(tree, "heading", (heading) => {
    const text = textOf(heading, { includeImageAlt: false, includeHtml: false });
    anchors.add(slugger.slug(text));
  });
  for (const { text } of htmlLines(tree)) {
    for (const [, id = ""] of text.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(id);
  }
  return anchors;
}

function linksIn(tree: Tree): { line: number; target: string }[] {
  const links: { line: number; target: string }[] = [];
  visit(tree, ["link", "image", "definition"], (node) => {
    if ("url" in node) links.push({ line: node.position?.start.line ?? 1, target: node.url });
  });
  for (const { line, text } of htmlLines(tree)) {
    for (const [, target = ""] of text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)) {
      links.push({ line, target });
    }
  }
  return links;
}

function problemWith(target: string, file: string, root: string): string | undefined {
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(target)) return undefined;
  const [, there = "", anchor] = /^([^#?]*)(?:\?[^#]*)?(?:#(.*))?$/.exec(target) ?? [];
  const folder = there.startsWith("/") ? root : path.dirname(file);
  const leadsTo = there === "" ? file : path.join(folder, decode(there));
  if (path.relative(root, leadsTo).startsWith("..")) {
    return `the link ${target} points outside the repository; write the full URL`;
  }
  if (!existsSync(leadsTo)) {
    return `the link ${target} points to no file; write a path relative to the document's folder`;
  }
  const document = statSync(leadsTo).isDirectory() ? path.join(leadsTo, "README.md") : leadsTo;
  if (!anchor || !document.endsWith(".md") || !existsSync(document)) return undefined;
  const anchors = anchorsAt(document);
  if (anchors.has(decode(anchor))) return undefined;
  return `the link ${target} matches no heading; the anchors are ${[...anchors].map((name) => `#${name}`).join(", ") || "none"}`;
}

const known = new Map<string, Set<string>>();

/** A text is parsed only once, as that takes 0.1 s, and many links point to the same chapter. */
function anchorsAt(document: string): Set<string> {
  const text = readFileSync(document, "utf8");
  const anchors = known.get(text) ?? anchorsIn(parseMarkdown(text).tree);
  known.set(text, anchors);
  return anchors;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
