// For pools that are not made by `connect()`.
export { default as postgres } from "postgres";
export { type CrashSite, expectCrashes } from "./crash-matrix.ts";
export { type CrashableDatabase, useCrashableServer } from "./crashable-database.ts";
export { losingReplies, refusing, type StopPoint, stallAt, stoppingAt } from "./faults.ts";
export {
  emptySchema,
  type FreshDatabase,
  freshDatabase,
  freshDatabaseAt,
} from "./fresh-database.ts";
export { freshLedger } from "./fresh-ledger.ts";
export { Gate } from "./gate.ts";
export { pgbouncer, postgresWithJit, startPgBouncer, startPostgres } from "./installed-servers.ts";
export { intercept, type Statement } from "./intercept.ts";
export { type QueryName, textsOf } from "./lesson-queries.ts";
export { lessonUnderTest } from "./lesson-under-test.ts";
export { moveTime } from "./move-time.ts";
export { oneConnection } from "./one-connection.ts";
export { postgresError } from "./postgres-error.ts";
export { type Random, randomFrom } from "./random.ts";
export { type SlowConnection, slowToRead } from "./slow-to-read.ts";
export {
  explain,
  type PlanNode,
  pagesTouched,
  recordStatements,
  rowsRead,
} from "./statements.ts";
export { log, polledRow, row } from "./task-rows.ts";
export { startTestProcess, type TestProcess } from "./test-process.ts";
export { die, type WayToDie, waysToDie } from "./ways-to-die.ts";
