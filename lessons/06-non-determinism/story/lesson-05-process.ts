import * as lesson05 from "lesson-05/engine/index.ts";
import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, nextMessage, tellParent } from "shared/processes";
import { LIVELY } from "./lively.ts";
import { version1 } from "./orders.ts";

// A worker of lesson 05 with version 1, which is killed half way.
const { DATABASE = "", SCHEMA = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { schema: SCHEMA, applicationName: "lesson-06" });
const run = version1("worker-1", async () => {
  tellParent("half way");
  await new Promise(() => {});
});
// The first connection takes a while, and its lease is short.
await sql`select`;
const begin = nextMessage();
tellParent("ready");
await begin;
const tasks = [lesson05.task({ name: "order", run })];
const log = (line: string) => say(`  ${line}`);
new lesson05.Worker(sql, { tasks, name: "worker-1", log, ...LIVELY }).start();
