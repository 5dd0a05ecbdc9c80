import pc from "picocolors";
import { mark } from "./marks.ts";

export type TreeNode = {
  status: string;
  label: string;
  /** Shown dimmed after the label. */
  facts?: string;
  children?: readonly TreeNode[];
  /** The number of children, if `children` contains only the first and the last of them. Default: its length. */
  total?: number;
};

/** How many of the last children are shown if some are left out. */
export const TREE_TAIL = 2;

/** However deep a node is, at least this many of its children are shown. */
const MIN_CHILDREN = 4;

/**
 * Prints a tree. Of the root's children it shows at most `maxChildren`, the first and the last ones (default: 20), and
 * on each level below half as many.
 */
export function tree(root: TreeNode, maxChildren = 20): void {
  for (const line of treeLines(root, maxChildren)) console.log(`  ${line}`);
}

/** Returns the lines of a tree, without indentation. */
export function treeLines(root: TreeNode, maxChildren: number): string[] {
  const { children = [], total = children.length } = root;
  const isCut = total > maxChildren;
  const head = isCut ? children.slice(0, maxChildren - TREE_TAIL) : children;
  const tail = isCut ? children.slice(-TREE_TAIL) : [];
  const maxBelow = Math.max(MIN_CHILDREN, Math.ceil(maxChildren / 2));
  const branches = [
    ...head.map((child) => treeLines(child, maxBelow)),
    ...(isCut ? [[pc.dim(`… ${total - head.length - tail.length} more`)]] : []),
    ...tail.map((child) => treeLines(child, maxBelow)),
  ];
  const below = branches.flatMap((lines, index) =>
    index < branches.length - 1 ? indent(lines, "├─ ", "│  ") : indent(lines, "└─ ", "   "),
  );
  return [lineOf(root), ...below];
}

function lineOf({ status, label, facts }: TreeNode): string {
  return `${mark(status)} ${label}${facts ? `  ${pc.dim(facts)}` : ""}`;
}

function indent([first = "", ...others]: string[], branch: string, trunk: string): string[] {
  return [pc.dim(branch) + first, ...others.map((line) => pc.dim(trunk) + line)];
}
