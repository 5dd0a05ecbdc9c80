import type { TreeNode } from "../runtime/console/index.ts";
import { type CallRow, type Family, isOpen, type TaskRow } from "./family.ts";

/** Returns a task's event log as a tree: its calls in program order, and below each child the calls of that child. */
export function familyTree(family: Family): TreeNode {
  const { root } = family;
  const input = shortened(JSON.stringify(root.input), 60);
  return taskNode(family, root, `${attempts(root.attempt)}${input}`);
}

function taskNode(family: Family, task: TaskRow, facts: string): TreeNode {
  const calls = family.calls.get(task.id) ?? [];
  return {
    status: task.status,
    label: `${task.name} task=${task.id}`,
    facts,
    children: calls.map((call) => callNode(family, task, call)),
    ...(calls[0] && { total: calls[0].total }),
  };
}

function callNode(family: Family, task: TaskRow, call: CallRow): TreeNode {
  const child = call.childId === null ? undefined : family.tasks.get(call.childId);
  if (child) return taskNode(family, child, factsOfChild(family, task, call, child));
  const name = call.kind === call.name ? call.name : `${call.kind} ${JSON.stringify(call.name)}`;
  const facts = `${attempts(call.attempt)}${why(call.error)}`.trim();
  return { status: statusOf(task, call), label: name, facts };
}

function statusOf(task: TaskRow, { status }: CallRow): string {
  switch (status) {
    case "started":
      return "running";
    case "retried":
    case "reopened":
      // The task will make the call again, or it has ended because of this failure.
      return isOpen(task) ? "queued" : "failed";
    case "caught":
      return "failed";
    default:
      return status;
  }
}

function factsOfChild({ now }: Family, task: TaskRow, call: CallRow, child: TaskRow): string {
  const hasEnded = call.status !== "started";
  const ms = (hasEnded ? call.endedAt : now).getTime() - call.beganAt.getTime();
  const wasCaught =
    call.status === "caught" || (call.status === "failed" && task.status === "succeeded");
  const caught = wasCaught ? "caught: " : "";
  return `${attempts(child.attempt)}${Math.max(0, ms)} ms  ${caught}${why(child.error)}`.trim();
}

function attempts(attempt: number): string {
  return attempt > 1 ? `attempt=${attempt}  ` : "";
}

function why(error: { message: string } | null): string {
  return error ? shortened(error.message.split("\n")[0] ?? "", 60) : "";
}

export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
