import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "../runtime/user-error.ts";
import { surveyTasks } from "./agent/survey.ts";
import type { DurableContext, Engine, TaskContext, TaskDefinition } from "./engine.ts";

/** A task that a reader can enqueue. */
export type Offer = {
  definition: TaskDefinition<never, unknown>;
  about: string;
  /** A valid input, as JSON. */
  example: string;
  takes(input: unknown): boolean;
};

/** Returns the tasks that the lesson's `worker` runs, and the subset that its `enqueue` offers. */
export function readerTasks(engine: Engine, number: string) {
  // Slow, so that the reader has time to watch the tasks and to kill their workers.
  const { survey, tasks } = surveyTasks(engine, { upTo: number, does: () => pause(500) });
  const { countdown, second } = countdownTasks(engine);
  const offers: Offer[] = [
    {
      definition: survey,
      about:
        "an agent that reads the code of all lessons, or of those whose numbers the question mentions",
      example: `{"question": "How do ${before(number)} and ${number} differ?"}`,
      takes: (input) => typeof (input as { question?: unknown } | null)?.question === "string",
    },
    {
      definition: countdown,
      about: "runs this many children one after another; each takes a second",
      example: "10",
      takes: (input) => Number.isInteger(input) && (input as number) > 0,
    },
  ];
  return { tasks: [...tasks, countdown, second], offers };
}

function countdownTasks(engine: Engine) {
  const second = engine.task({
    name: "second",
    run: async (left: number, { signal }: TaskContext) => {
      await pause(1_000, undefined, { signal });
      return `${left} left`;
    },
  });
  const countdown = engine.durableTask({
    name: "countdown",
    run: async (seconds: number, { run, now }: DurableContext) => {
      const begin = await now();
      for (let left = seconds - 1; left >= 0; left -= 1) await run(second, left);
      const end = await now();
      return `${seconds} seconds took ${end.getTime() - begin.getTime()} ms`;
    },
  });
  return { countdown, second };
}

function before(number: string): string {
  return String(Number(number) - 1).padStart(2, "0");
}

/** Returns the offered task of this name. Throws a `UserError` if there is none. */
export function offerOf(offers: Offer[], name: string): Offer {
  const offer = offers.find(({ definition }) => definition.name === name);
  if (offer) return offer;
  const names = offers.map(({ definition }) => definition.name).join(" and ");
  throw new UserError(`There is no task "${name}"; the tasks are ${names}.`);
}

/** Parses the input of a task. Throws a `UserError` if it is not JSON or not a valid input of this task. */
export function inputOf({ definition, example, takes }: Offer, text: string | undefined): unknown {
  const hint = `${definition.name} takes an input such as '${example}'`;
  if (text === undefined) throw new UserError(`The input is missing; ${hint}.`);
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${text} is not JSON (${(error as Error).message}); ${hint}.`);
  }
  if (takes(input)) return input;
  throw new UserError(`${hint}, not ${text}.`);
}
