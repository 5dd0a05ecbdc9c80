import pc from "picocolors";
import { mark } from "./marks.ts";

export type TreeNode = {
  status: string;
  label: string;
  /** What is said after the label, less loudly. */
  facts?: string;
  children?: readonly TreeNode[];
  /** How many children there are, if `children` has only the first and the last of them. */
  total?: number;
};

/** How many of the last children are shown where not all are. */
export const TREE_TAIL = 2;

const LEAST = 4;

/** Prints a tree; of many children the first and the last, `most` in all, and fewer from level to level. */
export function tree(root: TreeNode, most = 20): void {
  for (const line of treeLines(root, most)) console.log(`  ${line}`);
}

/** The lines of a tree, without the indent. */
export function treeLines(root: TreeNode, most: number): string[] {
  const { children = [], total = children.length } = root;
  const isCut = total > most;
  const head = isCut ? children.slice(0, most - TREE_TAIL) : children;
  const tail = isCut ? children.slice(-TREE_TAIL) : [];
  const mostBelow = Math.max(LEAST, Math.ceil(most / 2));
  const branches = [
    ...head.map((child) => treeLines(child, mostBelow)),
    ...(isCut ? [[pc.dim(`… ${total - head.length - tail.length} more`)]] : []),
    ...tail.map((child) => treeLines(child, mostBelow)),
  ];
  const below = branches.flatMap((lines, index) =>
    index < branches.length - 1 ? hang(lines, "├─ ", "│  ") : hang(lines, "└─ ", "   "),
  );
  return [lineOf(root), ...below];
}

function lineOf({ status, label, facts }: TreeNode): string {
  return `${mark(status)} ${label}${facts ? `  ${pc.dim(facts)}` : ""}`;
}

function hang([first = "", ...others]: string[], branch: string, trunk: string): string[] {
  return [pc.dim(branch) + first, ...others.map((line) => pc.dim(trunk) + line)];
}
