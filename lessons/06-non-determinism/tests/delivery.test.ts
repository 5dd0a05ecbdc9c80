import { stat } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { task } from "#engine";
import { Decisions } from "#engine/durable/decisions.ts";
import { Delivery } from "#engine/durable/delivery.ts";
import type { Call, LoggedEvent } from "#engine/durable/event-log.ts";
import { withDefaults } from "#engine/worker/options.ts";

const MINUTE_MS = 60_000;

/** A handler whose log has these calls: by default, the second one only, as the first was under way when its worker was lost. */
function resuming(afterMs: number, positions = [2]) {
  const call = { kind: "step", name: "ship", inputHash: null } as const;
  const result = { attempt: 1, status: "succeeded", output: null, error: null } as const;
  const log: LoggedEvent[] = positions.map((position, index) => ({
    ...call,
    ...result,
    seq: index + 1,
    position,
  }));
  const decisions = new Decisions(log, log.length);
  const stalled: number[] = [];
  const over = new AbortController();
  const stall = { afterMs, onStall: ({ position }: Call) => stalled.push(position) };
  // From lesson 07 on, it also takes a function that it calls when the handler is quiet.
  const means = [decisions, over.signal, stall, () => {}] as unknown;
  const delivery = new Delivery(...(means as ConstructorParameters<typeof Delivery>));
  /** The handler makes its next call, and waits for it. */
  const makeCall = () => delivery.settlementOf(decisions.make(call).call.position);
  return { makeCall, over, stalled };
}

/** Stops the clock of timers. Turns of the event loop go on. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

test("by default, a handler may wait outside of its context for a minute while one of its calls waits", async () => {
  stopClock();
  const tasks = [task({ name: "order", run: () => {} })];
  const { makeCall, stalled } = resuming(withDefaults({ tasks }).stallMs);
  makeCall();
  await turn();

  await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
  await turn();
  expect(stalled).toEqual([]);
  // And a second more, as the event loop may have been blocked.
  await vi.advanceTimersByTimeAsync(1 + 1_000);
  await turn();
  expect(stalled).toEqual([2]);
});

test("a call that is made in time is no stall, and neither is the end of the run", async () => {
  stopClock();
  const called = resuming(MINUTE_MS);
  const ended = resuming(MINUTE_MS);
  called.makeCall();
  ended.makeCall();
  await turn();
  await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
  await called.makeCall();
  ended.over.abort();

  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  await turn();
  expect([called.stalled, ended.stalled]).toEqual([[], []]);
});

test("a handler with no call waiting never stalls", async () => {
  stopClock();
  const { makeCall, stalled } = resuming(MINUTE_MS, [1, 2]);
  await makeCall();
  await turn();
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  await turn();
  await makeCall();

  expect(stalled).toEqual([]);
});

test("an event loop that is blocked for longer than `stallMs` is no stall", async () => {
  const { makeCall, stalled } = resuming(20);
  makeCall();
  await turn();
  // The operating system answers while the event loop is blocked. The loop gets to that only after the timers, which are all due.
  const settled = stat(".").then(makeCall);
  blockFor(200);
  await settled;
  await turn();

  expect(stalled).toEqual([]);
});

function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
