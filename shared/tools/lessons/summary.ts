import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { toString as textOf } from "mdast-util-to-string";
import { parseMarkdown, type Tree } from "../docs/markdown.ts";
import type { Lesson } from "./lessons.ts";

export type LessonSummary = {
  number: string;
  /** The README's heading without the number, or the folder's name if there is no README yet. */
  title: string;
  /** The first sentence under the heading; empty if there is none. */
  claim: string;
  /** The command that runs it. */
  run: string;
};

/** Returns the summary of a lesson from its README. */
export function summarize(lesson: Lesson): LessonSummary {
  const readme = path.join(lesson.path, "README.md");
  const { tree } = parseMarkdown(existsSync(readme) ? readFileSync(readme, "utf8") : "");
  const start = tree.children.findIndex(({ type }) => type === "heading");
  const [heading, ...body] = start < 0 ? [] : tree.children.slice(start);
  const end = body.findIndex(({ type }) => type === "heading");
  // A line of links to the lessons before and after may precede the claim.
  const claim = body
    .slice(0, end < 0 ? undefined : end)
    .find((node) => /\p{L}/u.test(textOutsideLinks(node)));
  return {
    number: lesson.number,
    title: lineOf(heading).replace(/^\d\d\s*[·:.–-]\s*/, "") || lesson.folder,
    claim: /^.*?[.!?](?=\s|$)/.exec(lineOf(claim))?.[0] ?? lineOf(claim),
    run: `pnpm --filter lesson-${lesson.number} start`,
  };
}

type Node = Tree["children"][number];

function textOutsideLinks(node: Node): string {
  if (node.type === "link" || node.type === "html") return "";
  return "children" in node ? node.children.map(textOutsideLinks).join("") : textOf(node);
}

function lineOf(node: Node | undefined): string {
  return textOf(node).replace(/\s+/g, " ").trim();
}
