import { surveyTasks } from "shared/commands";
import { say } from "shared/console";
import { connect, type Sql, type StoryDatabase } from "shared/database";
import { Ledger } from "shared/processes";
import { asked, PATIENT, until, untilAtItsPlace } from "shared/story";
import * as engine from "../engine/index.ts";
import { enqueue, result, Worker } from "../engine/index.ts";
import { PLACES, type SurveyWorkers } from "./survey-workers.ts";

export type SurveyRun = { id: string; report: string[]; ledger: Ledger };

const QUESTION = "What does each lesson add, and where is the engine's weight?";

/** Runs the survey undisturbed, on one worker. */
export async function runUndisturbed(sql: Sql, url: string): Promise<SurveyRun> {
  const ledger = Ledger.create();
  const { survey, tasks } = surveyTasks(engine, {
    upTo: "07",
    does: (what) => ledger.write(what),
  });
  const own = connect(url, { applicationName: "lesson-07" });
  const worker = new Worker(own, { tasks, name: "worker-1", slots: 4, log: () => {}, ...PATIENT });
  const id = await enqueue(sql, survey, { question: QUESTION });
  say(`  survey task=${id}: ${QUESTION}`);
  worker.start();
  await until(() => hasEnded(sql, id));
  await worker.stop();
  await own.end();
  say("  worker-1 runs it undisturbed");
  return { id, report: await reportOf(sql, id), ledger };
}

/** Runs the same survey, kills two of its workers, and restarts Postgres. */
export async function runDisturbed(
  { sql, cutOff }: StoryDatabase,
  { ledger, first, second, third, fourth }: SurveyWorkers,
): Promise<SurveyRun> {
  const { survey } = surveyTasks(engine, { upTo: "07", does: () => {} });
  const id = await enqueue(sql, survey, { question: QUESTION });
  say(`  survey task=${id}: the same question`);
  await untilAtItsPlace(first);
  await first.kill();
  say(`  kill -9 worker-2, while it counts the lines of lesson ${PLACES.first}`);

  await untilAtItsPlace(second);
  await until(() => isOnlyOneRunning(sql, id));
  const how = await cutOff();
  say(`  ${how}, while worker-3 counts the lines of lesson ${PLACES.second}`);
  second.send("go on");

  await untilAtItsPlace(third);
  await third.kill();
  say(`  kill -9 worker-4, while it reads ${PLACES.third}`);
  await fourth.firstMessage;
  fourth.send("go on");
  await until(() => hasEnded(sql, id));
  for (const each of [second, fourth]) await each.kill();
  return { id, report: await reportOf(sql, id), ledger };
}

/** Returns true if all children of the first round have ended except one, which is running. */
async function isOnlyOneRunning(sql: Sql, id: string): Promise<boolean> {
  const open = await sql`
    select status
    from tasks
    where (id = ${id} or parent_id = ${id})
      and status in ('queued', 'running', 'suspended')
    order by status`;
  return open.map(({ status }) => status).join() === "running,suspended";
}

async function hasEnded(sql: Sql, id: string): Promise<boolean> {
  return !["queued", "running", "suspended"].includes((await result(sql, id)).status);
}

async function reportOf(sql: Sql, id: string): Promise<string[]> {
  const ended = await asked(() => result(sql, id));
  if (ended.status !== "succeeded") throw new Error(`Task ${id} has ${JSON.stringify(ended)}`);
  return ended.output as string[];
}
