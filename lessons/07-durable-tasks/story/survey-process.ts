import { surveyTasks } from "shared/commands";
import { connect } from "shared/database";
import { endWithParent, Ledger, tellAndWait } from "shared/processes";
import { LIVELY, PATIENT } from "shared/story";
import * as engine from "../engine/index.ts";
import type { SurveyWorker } from "./survey-workers.ts";

// A worker in a process of its own. It waits for a message before it starts, and again at its stop point.
const { DATABASE = "", LEDGER = "", SETTINGS = "" } = process.env;
const { name, knows, slots, stopsAt, isShortLived } = JSON.parse(SETTINGS) as SurveyWorker;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-07" });
const ledger = new Ledger(LEDGER);
const does = async (what: string) => {
  ledger.write(what);
  if (what !== stopsAt) return;
  await tellAndWait("at its place");
};
const { tasks } = surveyTasks(engine, { upTo: "07", does });
const known = tasks.filter((task) => knows.includes(task.name));
// The first connection takes a while, and the lease is short.
await sql`select`;
await tellAndWait("ready");
const timing = isShortLived ? LIVELY : PATIENT;
new engine.Worker(sql, { tasks: known, name, slots, log: () => {}, ...timing }).start();
