import { connect } from "shared/database";
import { endWithParent, Ledger, nextMessage } from "shared/processes";
import { Worker } from "../engine/index.ts";
import { countIn, hang } from "./tasks.ts";

// A worker in a process of its own. main.ts starts it, tells it where things are, and when to begin.
const { DATABASE = "", LEDGER = "" } = process.env;
endWithParent();
const sql = connect(DATABASE, { applicationName: "lesson-02" });
const worker = new Worker(sql, { tasks: [countIn(new Ledger(LEDGER)), hang], log: () => {} });
await nextMessage();
worker.start();
