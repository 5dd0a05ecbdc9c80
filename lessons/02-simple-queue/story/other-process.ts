import { connect } from "shared/database";
import { endWithParent, Ledger, tellAndWait } from "shared/processes";
import { Worker } from "../engine/index.ts";
import { countIn, hang } from "./tasks.ts";

// A worker in a separate process, which runs until it is killed.
const { DATABASE = "", LEDGER = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-02" });
const tasks = [countIn(new Ledger(LEDGER)), hang];
const worker = new Worker(sql, { tasks, batchSize: 50, pollIntervalMs: 20, log: () => {} });

await tellAndWait("ready");
worker.start();
