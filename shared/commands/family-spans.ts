import type { Span } from "../runtime/console/index.ts";
import { type CallRow, type Family, isOpen, type TaskRow } from "./family.ts";

type Time = { from: Date; to: Date };

/** Returns when each task of a family ran and when it waited for its children, according to the event logs. */
export function familySpans(family: Family): Span[] {
  const calls = family.calls.get(family.root.id) ?? [];
  const [first] = calls;
  if (!first) return [];
  const begins = calls.map(({ beganAt }) => beganAt.getTime());
  const ends = calls.map(({ endedAt }) => endedAt.getTime());
  const to = isOpen(family.root) ? family.now : new Date(Math.max(...ends));
  const zero = Math.min(...begins);
  return spansOf(family, family.root, { from: new Date(zero), to }, zero, "");
}

function spansOf(family: Family, task: TaskRow, time: Time, zero: number, indent: string): Span[] {
  const children = (family.calls.get(task.id) ?? []).flatMap((call) => {
    const child = call.childId === null ? undefined : family.tasks.get(call.childId);
    return child ? [{ child, time: timeOf(call, family.now) }] : [];
  });
  const span = {
    label: `${indent}${task.name} ${task.id}`,
    status: task.status,
    ...relative(time, zero),
    waits: children.map(({ time }) => relative(time, zero)),
  };
  const below = children.flatMap(({ child, time }) =>
    spansOf(family, child, time, zero, `${indent}  `),
  );
  return [span, ...below];
}

function timeOf({ status, beganAt, endedAt }: CallRow, now: Date): Time {
  return { from: beganAt, to: status === "started" ? now : endedAt };
}

function relative({ from, to }: Time, zero: number): { from: number; to: number } {
  return { from: from.getTime() - zero, to: to.getTime() - zero };
}
