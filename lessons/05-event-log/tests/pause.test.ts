import { freshDatabase, log, row } from "shared/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { enqueue, Worker } from "#engine";
import { pause } from "#engine/durable/pause.ts";
import { durableTask } from "../proofs/durable-task.ts";
import { PATIENT } from "./runs.ts";

const ONE_YEAR_MS = 31_536_000_000;

test("a pause may be longer than the longest timer of Node, and ends when its signal fires", async () => {
  const warnings: string[] = [];
  const add = ({ name }: Error) => void warnings.push(name);
  process.on("warning", add);
  onTestFinished(() => void process.off("warning", add));
  const stop = new AbortController();
  let isOver = false;
  const paused = pause(ONE_YEAR_MS, stop.signal).then(() => {
    isOver = true;
  });
  // Node fires a timer that is too long after 1 ms, so before this one, and warns.
  await new Promise((resolve) => setTimeout(resolve, 2));
  expect(isOver).toBe(false);
  expect(warnings).toEqual([]);
  stop.abort();
  await paused;
});

test("a pause ends after its time", async () => {
  const { signal } = new AbortController();
  await expect(pause(1, signal)).resolves.toBeUndefined();
  await expect(pause(0, signal)).resolves.toBeUndefined();
});

test("a step that waits a year for its next attempt does not run again at once, and does not keep its worker from stopping", async () => {
  const { sql } = await freshDatabase();
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  onTestFinished(() => void vi.restoreAllMocks());
  const ran: number[] = [];
  const call = durableTask({
    name: "call",
    run: (_: null, { step }) =>
      step(
        "call",
        ({ attempt }) => {
          ran.push(attempt);
          throw new Error("no answer");
        },
        { retry: { maxAttempts: 2, backoffMs: ONE_YEAR_MS, maxBackoffMs: ONE_YEAR_MS } },
      ),
  });
  const id = await enqueue(sql, call, null);
  const worker = new Worker(sql, { tasks: [call], ...PATIENT });
  worker.start();
  await expect.poll(() => log(sql, id)).toEqual(["1 call retried: no answer"]);
  await worker.stop({ deadlineMs: 0 });

  expect(ran).toEqual([1]);
  expect(await log(sql, id)).toEqual(["1 call retried: no answer"]);
  expect(await row(sql, id)).toMatchObject({ status: "queued", attempt: 1 });
});
