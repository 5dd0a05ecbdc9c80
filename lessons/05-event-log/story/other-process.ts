import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, Ledger, tellAndWait, tellParent } from "shared/processes";
import { LIVELY } from "shared/story";
import { Worker } from "../engine/index.ts";
import { Outside, type Stop } from "./outside.ts";
import { carefulOrder, order, transfer } from "./tasks.ts";

// A worker in a process of its own, which waits for a word before it begins, and stops at one place to be killed.
const { DATABASE = "", LEDGER = "", NAME = "", PLACE = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-05" });
const stop: Stop = async (place) => {
  if (place !== PLACE) return;
  tellParent("at its place");
  await new Promise(() => {});
};
const outside = new Outside(new Ledger(LEDGER), NAME, stop);
const tasks = [order(outside), carefulOrder(outside), transfer(stop)];
// The first connection takes a while, and its lease is short.
await sql`select`;
await tellAndWait("ready");
new Worker(sql, { tasks, name: NAME, log: (line) => say(`  ${line}`), ...LIVELY }).start();
