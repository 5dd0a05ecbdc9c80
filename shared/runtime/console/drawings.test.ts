import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { type Span, spanLines } from "./spans.ts";
import { type TreeNode, treeLines } from "./tree.ts";

const leaf = (label: string): TreeNode => ({ status: "succeeded", label });

function plainTree(root: TreeNode, maxChildren = 20): string[] {
  return treeLines(root, maxChildren).map(stripVTControlCharacters);
}

function plainSpans(rows: Span[], maxRows = 30): string[] {
  return spanLines(rows, maxRows).map(stripVTControlCharacters);
}

test("a tree shows each node below its parent, with its status and its facts", () => {
  const child = { ...leaf("child"), status: "failed", facts: "attempt 3", children: [leaf("x")] };
  expect(plainTree({ ...leaf("root"), status: "suspended", children: [child, leaf("y")] })).toEqual(
    ["◌ root", "├─ ✗ child  attempt 3", "│  └─ ● x", "└─ ● y"],
  );
});

test("a tree with many children shows the first ones, the last ones and the number left out", () => {
  const children = Array.from({ length: 1_000 }, (_, index) => leaf(`call ${index + 1}`));
  const cut = ["● root", "├─ ● call 1", "├─ ● call 2", "├─ … 996 more", "├─ ● call 999"];
  expect(plainTree({ ...leaf("root"), children }, 4)).toEqual([...cut, "└─ ● call 1000"]);
});

test("a caller may pass only the first and the last children, with the total", () => {
  const children = [leaf("a"), leaf("b"), leaf("y"), leaf("z")];
  const lines = plainTree({ ...leaf("root"), children, total: 1_000 }, 4);
  expect(lines).toEqual(["● root", "├─ ● a", "├─ ● b", "├─ … 996 more", "├─ ● y", "└─ ● z"]);
});

test("all spans share one time scale, and show when they waited", () => {
  const [ruler = "", parent = "", child = ""] = plainSpans([
    {
      label: "parent",
      status: "running",
      from: 1_000,
      to: 1_480,
      waits: [{ from: 1_100, to: 1_400 }],
    },
    { label: "child", status: "succeeded", from: 1_240, to: 1_300, waits: [] },
  ]);
  expect(ruler.trim()).toMatch(/^0 +480 ms$/);
  expect(parent).toBe(`▶ parent  ${"█".repeat(11)}${"░".repeat(29)}${"█".repeat(8)}`);
  expect(child).toBe(`● child   ${" ".repeat(24)}${"█".repeat(7)}`);
});

test("only the first of many spans are shown, long labels are truncated, and a span of 0 ms still has a bar", () => {
  const rows = Array.from({ length: 100 }, () => ({
    label: "a label that is longer than there is room for it",
    status: "queued",
    from: 0,
    to: 0,
    waits: [],
  }));
  const [, first, , more] = plainSpans(rows, 2);
  expect(first).toBe("○ a label that is longer than…  █");
  expect(more).toBe("  … 98 more");
  expect(plainSpans([])).toEqual(["(nothing has happened yet)"]);
});
