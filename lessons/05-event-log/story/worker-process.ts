import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, Ledger, tellAndWait, tellParent } from "shared/processes";
import { LIVELY } from "shared/story";
import { Worker } from "../engine/index.ts";
import { Services, type Stop } from "./services.ts";
import { carefulOrder, order } from "./steps.ts";
import { transfer } from "./transactions.ts";

// A worker in a process of its own. It waits for a message before it claims anything, and stops at one point to be killed.
const { DATABASE = "", NAME = "", LEDGER = "", STOP_AT = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-05" });
const stop: Stop = async (point) => {
  if (point !== STOP_AT) return;
  tellParent(point);
  await new Promise(() => {});
};
const services = new Services(new Ledger(LEDGER), NAME, stop);
const tasks = [order(services), carefulOrder(services), transfer(stop)];
// The first connection takes a while, and the lease is short.
await sql`select`;
await tellAndWait("ready");
new Worker(sql, { tasks, name: NAME, log: (line) => say(`  ${line}`), ...LIVELY }).start();
