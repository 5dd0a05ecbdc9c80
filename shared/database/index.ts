export { type ConnectOptions, connect, type ReservedSql, type Sql } from "./connect.ts";
export {
  type CrashableServer,
  type EmbeddedOptions,
  type EmbeddedStatus,
  embeddedStatus,
  resetEmbedded,
  startCrashableServer,
  startEmbedded,
  stopEmbedded,
  withThrowAwayServer,
} from "./embedded/index.ts";
export {
  answers,
  isConflict,
  isDataError,
  isDuplicate,
  isLostTransaction,
  isTransientError,
} from "./error-kinds.ts";
export { type LessonDatabase, withLessonDatabase } from "./lesson-database.ts";
export { one } from "./one.ts";
export { pgtyped, type Queryable, type TypedConnection } from "./pgtyped.ts";
export { serverUrl } from "./server.ts";
export { transaction } from "./transaction.ts";
export { backendPid, untilWaiting } from "./until-waiting.ts";
