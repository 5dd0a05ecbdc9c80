import { describe, expect, test } from "vitest";
import { type Decision, Decisions, decide } from "#engine/durable/decisions.ts";
import type { LoggedEvent } from "#engine/durable/event-log.ts";

type Changes = Partial<LoggedEvent>;

/** An event of the call `step "charge"`, which has an input, with these changes. */
function event(seq: number, position: number, changes: Changes = {}): LoggedEvent {
  const call = { kind: "step", name: "charge", inputHash: "12 €" } as const;
  const result = { attempt: 1, status: "succeeded", output: null, error: null } as const;
  return { ...call, ...result, seq, position, ...changes };
}

/** Events with the sequence numbers 1, 2, 3: position and status of each. */
function logOf(...events: [number, LoggedEvent["status"]][]): LoggedEvent[] {
  return events.map(([position, status], index) => event(index + 1, position, { status }));
}

function decisionsOn(log: LoggedEvent[]): Decisions {
  return new Decisions(log, log.length);
}

function make(decisions: Decisions, calls: number): void {
  for (let n = 1; n <= calls; n += 1) {
    decisions.make({ kind: "step", name: "charge", inputHash: "12 €" });
  }
}

/** The sequence numbers of all events that `next` returns now. */
function delivered(decisions: Decisions): number[] {
  const seqs: number[] = [];
  for (let next = decisions.next(); next; next = decisions.next()) seqs.push(next.seq);
  return seqs;
}

describe("decide", () => {
  const same = {};
  const cases: [string, Changes | undefined, Changes, Decision][] = [
    ["nothing", undefined, same, "run"],
    ["a success", { status: "succeeded" }, same, "wait"],
    ["a final failure", { status: "failed" }, same, "wait"],
    ["a failed attempt", { status: "retried" }, same, "run"],
    ["a reopened failure", { status: "reopened" }, same, "run"],
    ["a success", { status: "succeeded" }, { name: "bill" }, "different"],
    ["a final failure", { status: "failed" }, { name: "bill" }, "different"],
    ["a failed attempt", { status: "retried" }, { name: "bill" }, "different"],
    ["a reopened failure", { status: "reopened" }, { name: "bill" }, "different"],
    ["a success", same, { kind: "transaction" }, "different"],
    ["a failed attempt", { status: "retried" }, { kind: "transaction" }, "different"],
    ["a success", same, { inputHash: "13 €" }, "changed"],
    ["a final failure", { status: "failed" }, { inputHash: "13 €" }, "changed"],
    ["a failed attempt", { status: "retried" }, { inputHash: "13 €" }, "changed"],
    ["a reopened failure", { status: "reopened" }, { inputHash: "13 €" }, "changed"],
    ["a success with an input", same, { inputHash: null }, "changed"],
    ["a success without an input", { inputHash: null }, same, "wait"],
    ["a failed attempt without an input", { status: "retried", inputHash: null }, same, "run"],
    ["a success", same, { name: "bill", inputHash: "13 €" }, "different"],
  ];
  test.each(cases)(
    "the log holds %s (%o), the handler makes %o: %s",
    (_, logged, call, expected) => {
      expect(decide(event(0, 1, call), logged && event(1, 1, logged))).toBe(expected);
    },
  );
});

describe("next", () => {
  test("follows the log, not the positions", () => {
    const decisions = decisionsOn(logOf([2, "succeeded"], [3, "failed"], [1, "succeeded"]));
    make(decisions, 3);
    expect(delivered(decisions)).toEqual([1, 2, 3]);
  });

  test("waits for a call that has not been made yet", () => {
    const decisions = decisionsOn(logOf([2, "succeeded"], [1, "succeeded"]));
    make(decisions, 1);
    expect(delivered(decisions)).toEqual([]);
    make(decisions, 1);
    expect(delivered(decisions)).toEqual([1, 2]);
  });

  test("waits for an event whose reply was overtaken", () => {
    const decisions = decisionsOn(logOf([1, "succeeded"]));
    make(decisions, 3);
    expect(delivered(decisions)).toEqual([1]);
    decisions.add(event(3, 2));
    expect(delivered(decisions)).toEqual([]);
    decisions.add(event(2, 3));
    expect(delivered(decisions)).toEqual([2, 3]);
  });

  test("skips attempts that were repeated, and failures that were reopened", () => {
    const decisions = decisionsOn(
      logOf([1, "retried"], [1, "failed"], [2, "failed"], [1, "reopened"], [1, "succeeded"]),
    );
    make(decisions, 2);
    expect(delivered(decisions)).toEqual([3, 5]);
  });

  test("skips a reopened failure even if its call has not been made yet", () => {
    const decisions = decisionsOn(logOf([2, "failed"], [1, "succeeded"], [2, "reopened"]));
    make(decisions, 1);
    expect(delivered(decisions)).toEqual([2]);
  });
});

describe("phase", () => {
  test("a task without events is live at once", () => {
    expect(decisionsOn([]).phase).toBe("live");
  });

  test("a handler is live when it has made all calls of its log, and all results are delivered", () => {
    const decisions = decisionsOn(logOf([1, "succeeded"], [2, "succeeded"]));
    make(decisions, 1);
    expect(delivered(decisions)).toEqual([1]);
    expect(decisions.phase).toBe("resuming");
    make(decisions, 1);
    expect(decisions.phase).toBe("resuming");
    expect(delivered(decisions)).toEqual([2]);
    expect(decisions.phase).toBe("live");
  });

  test("a handler stays live, whatever is appended", () => {
    const decisions = decisionsOn([]);
    make(decisions, 2);
    decisions.add(event(2, 2));
    expect(decisions.phase).toBe("live");
  });
});

describe("isPatched", () => {
  const patch = { kind: "patched", name: "by train" } as const;
  const cases: [string, LoggedEvent[], boolean][] = [
    ["the log has the patch as the next call", [event(1, 1), event(2, 2, patch)], true],
    ["the log ends before it", [event(1, 1)], true],
    ["the log has a step as the next call", [event(1, 1), event(2, 2)], false],
    ["the log has another patch", [event(1, 1), event(2, 2, { ...patch, name: "by air" })], false],
    ["the log has a step of that name", [event(1, 1), event(2, 2, { name: "by train" })], false],
    // The call at position 2 was under way when the worker was lost.
    ["the log has later calls only", [event(1, 1), event(2, 3)], false],
  ];
  test.each(cases)("%s", (_, log, expected) => {
    const decisions = decisionsOn(log);
    make(decisions, 1);
    expect(decisions.isPatched("by train")).toBe(expected);
  });

  test("an event of this run does not count as the log", () => {
    const decisions = decisionsOn([]);
    make(decisions, 1);
    decisions.add(event(1, 1));
    expect(decisions.isPatched("by train")).toBe(true);
  });
});

describe("missing", () => {
  test("is the first call of the log that the handler has not made", () => {
    const decisions = decisionsOn(logOf([3, "succeeded"], [1, "succeeded"], [4, "retried"]));
    expect(decisions.missing()?.position).toBe(1);
    make(decisions, 1);
    expect(decisions.missing()?.position).toBe(3);
    make(decisions, 2);
    expect(decisions.missing()?.position).toBe(4);
    make(decisions, 1);
    expect(decisions.missing()).toBeUndefined();
  });

  test("is nothing for the events of this run", () => {
    const decisions = decisionsOn([]);
    decisions.add(event(1, 1));
    expect(decisions.missing()).toBeUndefined();
  });
});

describe("reopenAfter", () => {
  test("of a first run, it is the last event before its latest call", () => {
    const decisions = decisionsOn([]);
    expect(decisions.reopenAfter).toBe(0);
    make(decisions, 1);
    decisions.add(event(1, 1, { status: "failed" }));
    expect(delivered(decisions)).toEqual([1]);
    expect(decisions.reopenAfter).toBe(0);
    make(decisions, 1);
    expect(decisions.reopenAfter).toBe(1);
  });

  test("an event that is not delivered yet is not built upon", () => {
    const decisions = decisionsOn([]);
    make(decisions, 2);
    decisions.add(event(2, 2, { status: "failed" }));
    expect(delivered(decisions)).toEqual([]);
    make(decisions, 1);
    expect(decisions.reopenAfter).toBe(0);
  });

  test("of a resuming run, it is the end of the log, until the handler has made all calls of its log", () => {
    const decisions = decisionsOn(logOf([1, "failed"], [3, "succeeded"], [2, "failed"]));
    make(decisions, 1);
    expect(delivered(decisions)).toEqual([1]);
    make(decisions, 1);
    expect(decisions.reopenAfter).toBe(3);
    make(decisions, 1);
    expect(decisions.reopenAfter).toBe(1);
    expect(delivered(decisions)).toEqual([2, 3]);
    expect(decisions.reopenAfter).toBe(1);
  });
});
