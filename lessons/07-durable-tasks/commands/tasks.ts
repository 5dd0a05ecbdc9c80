import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "shared/user-error";
import {
  type DurableContext,
  durableTask,
  type TaskContext,
  type TaskDefinition,
  task,
} from "../engine/index.ts";
import { surveyTasks } from "../story/agent/survey.ts";

export type Offer = {
  definition: TaskDefinition<never, unknown>;
  about: string;
  /** An input that it takes. */
  example: string;
  takes(input: unknown): boolean;
};

/** Takes its time, so that there is something to watch, and to kill. */
const { survey, tasks: ofSurvey } = surveyTasks(async () => {
  await pause(500);
});

const second = task({
  name: "second",
  run: async (left: number, { signal }: TaskContext) => {
    await pause(1_000, undefined, { signal });
    return `${left} left`;
  },
});

const countdown = durableTask({
  name: "countdown",
  run: async (seconds: number, { run, now }: DurableContext) => {
    const begin = await now();
    for (let left = seconds - 1; left >= 0; left -= 1) await run(second, left);
    const end = await now();
    return `${seconds} seconds took ${end.getTime() - begin.getTime()} ms`;
  },
});

/** What the worker runs. */
export const tasks = [...ofSurvey, countdown, second];

/** What can be asked for. */
export const offers: Offer[] = [
  {
    definition: survey,
    about: "an agent that reads the lessons' code; name lessons by number to have only those read",
    example: '{"question": "How do 04 and 07 differ?"}',
    takes: (input) => typeof (input as { question?: unknown } | null)?.question === "string",
  },
  {
    definition: countdown,
    about: "runs so many children one after the other; each takes a second",
    example: "10",
    takes: (input) => Number.isInteger(input) && (input as number) > 0,
  },
];

/** Throws if there is no task of this name. */
export function offerOf(name: string): Offer {
  const offer = offers.find(({ definition }) => definition.name === name);
  if (offer) return offer;
  const names = offers.map(({ definition }) => definition.name).join(" and ");
  throw new UserError(`There is no task "${name}" to ask for; there are ${names}.`);
}

/** The input that a JSON text holds. Throws if it is none, or the task does not take it. */
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
