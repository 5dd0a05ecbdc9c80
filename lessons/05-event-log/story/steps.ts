import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import type { Ledger, StartedProcess } from "shared/processes";
import { untilAtItsPlace } from "shared/story";
import { enqueue, task } from "../engine/index.ts";
import { Services } from "./services.ts";
import { newWorker, printEventLog, runUntilEnded } from "./workers.ts";

/** Reserves, charges and ships, each in a step. */
export function order(services: Services) {
  return task({
    name: "order",
    run: async (_: null, { step }) => {
      const shelf = await step("reserve", () => services.reserve());
      const receipt = await step("charge", () => services.charge());
      await step("ship", () => services.ship());
      return { shelf, receipt };
    },
  });
}

/** Charges with the idempotency key of the step. */
export function carefulOrder(services: Services) {
  return task({
    name: "careful order",
    run: (_: null, { step }) =>
      step("charge", ({ idempotencyKey }) => services.charge(idempotencyKey)),
  });
}

/** Kills a worker after two of three steps. */
export async function killBetweenSteps(
  sql: Sql,
  killed: StartedProcess,
  ledger: Ledger,
): Promise<void> {
  const services = new Services(ledger, "worker-2");
  const id = await enqueue(sql, order(services), null);
  await untilAtItsPlace(killed);
  await killed.kill();
  say("  kill -9 worker-1");
  await runUntilEnded(newWorker(sql, "worker-2", [order(services)]), id);
  say();
  table(services.totals());
  say();
  await printEventLog(sql, id);
}

/** Kills a worker when it has charged and before the event log says so. */
export async function killBeforeTheEvent(
  sql: Sql,
  killed: StartedProcess,
  ledger: Ledger,
): Promise<void> {
  const services = new Services(ledger, "worker-2");
  const id = await enqueue(sql, carefulOrder(services), null);
  await untilAtItsPlace(killed);
  await killed.kill();
  say("  kill -9 worker-3: it has charged, and the event log is empty");
  await runUntilEnded(newWorker(sql, "worker-2", [carefulOrder(services)]), id);
  say();
  table(services.totals());
}
