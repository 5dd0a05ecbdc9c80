import { connect, type Sql } from "../runtime/database/index.ts";
import { endWithParent, Ledger, nextMessage, tellParent } from "../runtime/processes/index.ts";
import { type HowToGoOn, stopAtPlace } from "./stop-point.ts";

/** Call this in a process that `startTestProcess` started. Returns the test's database, its ledger, and the engine. */
export async function joinTest<Engine>(): Promise<{ sql: Sql; ledger: Ledger; engine: Engine }> {
  endWithParent();
  const { TEST_URL, TEST_SCHEMA, TEST_LEDGER, TEST_ENGINE, TEST_STOP_AT } = process.env;
  if (!TEST_URL || !TEST_SCHEMA || !TEST_LEDGER || !TEST_ENGINE) {
    throw new Error("This program must be started by a test, with startTestProcess()");
  }
  const sql = connect(TEST_URL, { schema: TEST_SCHEMA, applicationName: "test" });
  return {
    sql: TEST_STOP_AT ? stopAtPlace(sql, JSON.parse(TEST_STOP_AT), stop) : sql,
    ledger: new Ledger(TEST_LEDGER),
    engine: (await import(TEST_ENGINE)) as Engine,
  };
}

async function stop(): Promise<HowToGoOn> {
  const told = nextMessage("go on");
  tellParent("", "stopped");
  return (await told) as HowToGoOn;
}
