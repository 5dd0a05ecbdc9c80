import { expect, test } from "vitest";
import { WakeSignal } from "#engine/worker/wake-signal.ts";

test("a signal that is set while nothing waits is kept for the next wait, and for that one only", async () => {
  const signal = new WakeSignal();
  signal.set();
  signal.set();
  expect(await signal.wait(3_600_000)).toBe(true);
  expect(await signal.wait(1)).toBe(false);
});

test("a signal interrupts a wait", async () => {
  const signal = new WakeSignal();
  const waiting = signal.wait(3_600_000);
  signal.set();
  expect(await waiting).toBe(true);
  expect(await signal.wait(1)).toBe(false);
});
