import type { Sql } from "shared/database";
import { enqueue, NonRetryableError, task } from "../engine/index.ts";
import { newWorker, runUntilEnded } from "./workers.ts";

/** Calls a service that answers the third call, and charges a card that has expired. */
export async function tryAgain(sql: Sql): Promise<void> {
  let calls = 0;
  const call = task({
    name: "call",
    retry: { maxAttempts: 5, backoffMs: 200 },
    run: () => {
      calls += 1;
      if (calls < 3) throw new Error("the service is down");
      return "answered";
    },
  });
  await runUntilEnded(newWorker(sql, "worker-2", [call]), await enqueue(sql, call, null));

  const charge = task({
    name: "charge",
    retry: { maxAttempts: 5, backoffMs: 200 },
    run: () => {
      throw new NonRetryableError("the card has expired");
    },
  });
  await runUntilEnded(newWorker(sql, "worker-2", [charge]), await enqueue(sql, charge, null));
}
