import { connect, type Sql } from "../database/index.ts";
import { endWithParent, Ledger } from "../processes/index.ts";

/** In a process made by `startTestProcess`: the test's database, its ledger, and the engine to test. */
export async function joinTest<Engine>(): Promise<{ sql: Sql; ledger: Ledger; engine: Engine }> {
  endWithParent();
  const { TEST_URL, TEST_SCHEMA, TEST_LEDGER, TEST_ENGINE } = process.env;
  if (!TEST_URL || !TEST_SCHEMA || !TEST_LEDGER || !TEST_ENGINE) {
    throw new Error("This process is started by a test, with startTestProcess()");
  }
  return {
    sql: connect(TEST_URL, { schema: TEST_SCHEMA, applicationName: "test" }),
    ledger: new Ledger(TEST_LEDGER),
    engine: (await import(TEST_ENGINE)) as Engine,
  };
}
