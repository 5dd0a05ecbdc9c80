import * as lesson04 from "lesson-04/engine/index.ts";
import { say } from "shared/console";
import { connect } from "shared/database";
import { endWithParent, Ledger, tellAndWait, tellParent } from "shared/processes";
import { lesson04Order } from "./lesson-04.ts";
import { Services } from "./services.ts";

// A worker of lesson 04, which is killed after the charge.
const { DATABASE = "", SCHEMA = "", LEDGER = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { schema: SCHEMA, applicationName: "lesson-05" });
const services = new Services(new Ledger(LEDGER), "worker-1", async (point) => {
  if (point !== "before it ships") return;
  tellParent(point);
  await new Promise(() => {});
});
const order = lesson04Order(services);
await tellAndWait("ready");
const log = (line: string) => say(`  ${line}`);
await new lesson04.Worker(sql, { tasks: [order], name: "worker-1", log }).tick();
