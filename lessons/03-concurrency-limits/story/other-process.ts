import { connect } from "shared/database";
import { endWithParent, tellAndWait } from "shared/processes";
import { Worker } from "../engine/index.ts";
import { hang } from "./dead-worker.ts";

// A worker in a separate process. It runs until it is killed.
const { DATABASE = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-03" });
const worker = new Worker(sql, { tasks: [hang], slots: 20, pollIntervalMs: 20, log: () => {} });

await tellAndWait("ready");
worker.start();
