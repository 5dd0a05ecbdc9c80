import { fileURLToPath } from "node:url";
import { Ledger, type StartedProcess, startProcess } from "shared/processes";

/** A worker of the survey, in a process of its own. */
export type SurveyWorker = {
  name: string;
  /** The names of the tasks that it runs. */
  knows: string[];
  slots: number;
  /** The action before which it stops. */
  stopsAt?: string;
  /** Whether its lease is short, because it will be killed. */
  isShortLived?: boolean;
};

export type SurveyWorkers = {
  ledger: Ledger;
  first: StartedProcess;
  second: StartedProcess;
  third: StartedProcess;
  fourth: StartedProcess;
  /** Resolves when all of them wait for a message to start. */
  ready: Promise<unknown>;
};

/** Where the first and the third are killed, and the second waits while Postgres is restarted. */
export const PLACES = {
  first: "04-queue-improvements",
  second: "06-non-determinism",
  third: "engine/worker/worker.ts",
};

const THINKING = ["survey", "read-lesson", "look-closer", "phrase"];
const READING = ["read-file"];

/** Starts the workers that will be disturbed. Those that will be killed have one slot, so that a kill hits one task. */
export function startSurveyWorkers(url: string): SurveyWorkers {
  const ledger = Ledger.create();
  const start = (worker: SurveyWorker) => startOne(url, ledger, worker);
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

function startOne(url: string, ledger: Ledger, worker: SurveyWorker): StartedProcess {
  const script = fileURLToPath(new URL("survey-process.ts", import.meta.url));
  const settings = JSON.stringify(worker);
  return startProcess(script, { DATABASE: url, LEDGER: ledger.file, SETTINGS: settings });
}
