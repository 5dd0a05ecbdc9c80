import { surveyTasks } from "shared/commands";
import { connect } from "shared/database";
import { endWithParent, Ledger, tellAndWait } from "shared/processes";
import { LIVELY, PATIENT } from "shared/story";
import * as engine from "../engine/index.ts";
import type { Part } from "./processes.ts";

// A worker in a process of its own, which waits for a word before it begins, and stops at its place until the next.
const { DATABASE = "", LEDGER = "", SETTINGS = "" } = process.env;
const { name, knows, slots, stopsAt, isShortLived } = JSON.parse(SETTINGS) as Part;
endWithParent();
// With one connection, children are started in the order of the calls, and get their ids in that order.
const sql = connect(DATABASE, { max: 1, applicationName: "lesson-07" });
const ledger = new Ledger(LEDGER);
const does = async (what: string) => {
  ledger.write(what);
  if (what !== stopsAt) return;
  await tellAndWait("at its place");
};
const { tasks } = surveyTasks(engine, { upTo: "07", does });
const known = tasks.filter((task) => knows.includes(task.name));
// The first connection takes a while, and its lease is short.
await sql`select`;
await tellAndWait("ready");
const timing = isShortLived ? LIVELY : PATIENT;
new engine.Worker(sql, { tasks: known, name, slots, log: () => {}, ...timing }).start();
