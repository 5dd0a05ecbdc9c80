import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, tellAndWait, tellParent } from "shared/processes";
import { LIVELY } from "shared/story";
import { task, Worker } from "../engine/index.ts";
import { type HalfWay, version1 } from "./orders.ts";
import { quote } from "./quote.ts";

// A worker in a process of its own, which waits for a word before it begins, and stops half way to be killed.
const { DATABASE = "", NAME = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-06" });
const halfWay: HalfWay = async () => {
  tellParent("half way");
  await new Promise(() => {});
};
const tasks = [task({ name: "order", run: version1(NAME, halfWay) }), quote(NAME, halfWay)];
// The first connection takes a while, and its lease is short.
await sql`select`;
await tellAndWait("ready");
new Worker(sql, { tasks, name: NAME, log: (line) => say(`  ${line}`), ...LIVELY }).start();
