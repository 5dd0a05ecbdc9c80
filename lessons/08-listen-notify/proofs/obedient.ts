import type { Gate } from "shared/testing";
import { task } from "#engine";

/** A task that goes on until the gate is open, or its signal fires. */
export function obedient(gate: Gate) {
  return task({
    name: "obedient",
    run: (_: unknown, { signal }) =>
      new Promise<void>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        void gate.pass().then(resolve);
      }),
  });
}
