import { Ledger, type StartedProcess } from "shared/processes";
import { type Part, startOther } from "./processes.ts";

export type Staff = {
  ledger: Ledger;
  first: StartedProcess;
  second: StartedProcess;
  third: StartedProcess;
  fourth: StartedProcess;
  /** Resolves when all wait for a word to begin. */
  ready: Promise<unknown>;
};

/** Where the first and the third are killed, and the second waits while Postgres is restarted. */
export const PLACES = {
  first: "04-queue-improvements",
  second: "06-non-determinism",
  third: "engine/worker.ts",
};

const THINKING = ["survey", "read-lesson", "look-closer", "phrase"];
const READING = ["read-file"];

/** Starts the workers that will be disturbed. Those that will be killed have one slot: a kill costs one task. */
export function startStaff(url: string): Staff {
  const ledger = Ledger.create();
  const start = (part: Part) => startOther(url, ledger, part);
  const first = start({
    name: "worker-2",
    knows: THINKING,
    slots: 1,
    stopsAt: `count ${PLACES.first}`,
    isShortLived: true,
  });
  const second = start({
    name: "worker-3",
    knows: THINKING,
    slots: 4,
    stopsAt: `count ${PLACES.second}`,
  });
  const third = start({
    name: "worker-4",
    knows: READING,
    slots: 1,
    stopsAt: `read ${PLACES.third}`,
    isShortLived: true,
  });
  const fourth = start({ name: "worker-5", knows: READING, slots: 4 });
  const ready = Promise.all([first, second, third, fourth].map((each) => each.firstMessage));
  return { ledger, first, second, third, fourth, ready };
}
