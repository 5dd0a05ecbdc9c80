import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { treeLines } from "../runtime/console/tree.ts";
import type { CallRow, Family, TaskRow } from "./family.ts";
import { familyTree } from "./family-tree.ts";

const at = (ms: number) => new Date(ms);

test("a failure that has failed its task is marked as failed, and one whose call will be made again as queued", () => {
  const calls = [
    call(1, { status: "succeeded", name: "plan" }),
    call(2, { status: "reopened", name: "ship", error: { message: "no driver" } }),
  ];
  expect(linesOf(family(task("1", "failed"), calls))).toEqual([
    "✗ order task=1  null",
    '├─ ● step "plan"',
    '└─ ✗ step "ship"  no driver',
  ]);
  expect(linesOf(family(task("1", "queued"), calls))).toEqual([
    "○ order task=1  null",
    '├─ ● step "plan"',
    '└─ ○ step "ship"  no driver',
  ]);
});

test("a child that failed below a task that has succeeded was caught, whatever the log calls that", () => {
  const child = { ...task("2", "failed"), name: "pay", error: { message: "declined" } };
  for (const status of ["failed", "caught"]) {
    const calls = [call(1, { kind: "child", name: "pay", status, childId: "2" })];
    expect(linesOf(family(task("1", "succeeded"), calls, child))).toEqual([
      "● order task=1  null",
      "└─ ✗ pay task=2  40 ms  caught: declined",
    ]);
  }
});

function linesOf(of: Family): string[] {
  return treeLines(familyTree(of), 20).map(stripVTControlCharacters);
}

function family(root: TaskRow, calls: CallRow[], ...children: TaskRow[]): Family {
  const tasks = new Map([root, ...children].map((each) => [each.id, each]));
  return { root, tasks, calls: new Map([[root.id, calls]]), now: at(100) };
}

function task(id: string, status: string): TaskRow {
  return { id, name: "order", input: null, status, attempt: 1, output: null, error: null };
}

function call(position: number, of: Partial<CallRow>): CallRow {
  const row = { taskId: "1", position, kind: "step", name: "", status: "", attempt: 1 };
  const times = { beganAt: at(10), endedAt: at(50) };
  return { ...row, childId: null, error: null, total: 2, ...times, ...of };
}
