import { setTimeout as pause } from "node:timers/promises";
import { say } from "shared/console";
import type { Sql } from "shared/database";
import { until } from "shared/story";
import { cancel, enqueue, type StepInfo, type TaskContext, task } from "../engine/index.ts";
import { newWorker, printEventLog, runUntilEnded } from "./workers.ts";

/** Runs a task whose first step fails for good, and whose last one fails once. */
export async function fail(sql: Sql): Promise<void> {
  const definition = task({
    name: "deliver",
    retry: { maxAttempts: 3, backoffMs: 50 },
    run: (_: null, context) => deliver(context),
  });
  const id = await enqueue(sql, definition, null);
  await runUntilEnded(newWorker(sql, "worker-2", [definition]), id);
  say();
  await printEventLog(sql, id);
}

async function deliver({ step }: TaskContext): Promise<void> {
  try {
    await step("charge the card", chargeCard, { retry: { maxAttempts: 2, backoffMs: 50 } });
  } catch {
    await step("send a bill", sendBill);
  }
  await step("ship", ship);
}

function chargeCard(): void {
  throw new Error("the card was declined");
}

function sendBill(): string {
  return "bill 12";
}

let drivers = 0;

function ship(): string {
  drivers += 1;
  if (drivers === 1) throw new Error("no driver");
  return "on its way";
}

/** Cancels a task that would undo its first step if the second one failed. */
export async function cancelTrip(sql: Sql): Promise<void> {
  const definition = task({ name: "trip", run: (_: null, context) => trip(context) });
  const id = await enqueue(sql, definition, null);
  const worker = newWorker(sql, "worker-2", [definition]);
  worker.start();
  await until(async () => isBookingFlight);
  say(`  cancel(sql, "${id}")`);
  await cancel(sql, id);
  await runUntilEnded(worker, id);
  say();
  await printEventLog(sql, id);
}

async function trip({ step }: TaskContext): Promise<void> {
  await step("book the hotel", () => "room 8");
  try {
    await step("book the flight", bookFlight);
  } catch (error) {
    await step("cancel the hotel", () => say("  worker-2 cancelled the hotel"));
    throw error;
  }
}

let isBookingFlight = false;

/** Does not end until its signal fires. */
async function bookFlight({ signal }: StepInfo): Promise<void> {
  isBookingFlight = true;
  await pause(60_000, undefined, { signal });
}
