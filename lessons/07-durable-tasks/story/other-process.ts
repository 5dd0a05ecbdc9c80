import { surveyTasks } from "shared/commands";
import { connect } from "shared/database";
import { endWithParent, Ledger, nextMessage, tellParent } from "shared/processes";
import * as engine from "../engine/index.ts";
import { PATIENT, SHORT_LIVED } from "./lively.ts";
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
  const goOn = nextMessage();
  tellParent("at its place");
  await goOn;
};
const { tasks } = surveyTasks(engine, { upTo: "07", does });
const known = tasks.filter((task) => knows.includes(task.name));
// The first connection takes a while, and its lease is short.
await sql`select`;
const begin = nextMessage();
tellParent("ready");
await begin;
const timing = isShortLived ? SHORT_LIVED : PATIENT;
new engine.Worker(sql, { tasks: known, name, slots, log: () => {}, ...timing }).start();
