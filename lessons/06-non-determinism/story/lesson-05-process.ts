import * as lesson05 from "lesson-05/engine/index.ts";
import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, tellAndWait, tellParent } from "shared/processes";
import { LIVELY } from "shared/story";
import { type HalfWay, version1 } from "./orders.ts";
import { giveJob } from "./quote.ts";

// A worker of lesson 05 in a process of its own, which waits for a word before it begins, and stops half way to be killed.
const { DATABASE = "", SCHEMA = "", NAME = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { schema: SCHEMA, applicationName: "lesson-06" });
const halfWay: HalfWay = async () => {
  tellParent("half way");
  await new Promise(() => {});
};
const order = lesson05.task({ name: "order", run: version1(NAME, halfWay) });
const quote = lesson05.task({
  name: "quote",
  run: (_: null, context) => giveJob(context, NAME, halfWay),
});
// The first connection takes a while, and its lease is short.
await sql`select`;
await tellAndWait("ready");
const log = (line: string) => say(`  ${line}`);
new lesson05.Worker(sql, { tasks: [order, quote], name: NAME, log, ...LIVELY }).start();
