export {
  type ConnectOptions,
  checkPool,
  connect,
  type ReservedSql,
  type Sql,
  samePool,
} from "./connect.ts";
export {
  type CrashableServer,
  type EmbeddedOptions,
  type EmbeddedStatus,
  embeddedStatus,
  newThrowAwayFolder,
  resetEmbedded,
  restartEmbedded,
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
  isNotExecuted,
  isRefusedForNow,
  isRefusedRow,
  isTransientError,
  isUnknownReference,
} from "./error-kinds.ts";
export {
  type LessonDatabase,
  type StoryDatabase,
  withJoinedLessonDatabase,
  withLessonDatabase,
} from "./lesson-database.ts";
export { one } from "./one.ts";
export { NoReplyError, pgtyped, type Queryable, type TypedConnection } from "./pgtyped.ts";
export { serverUrl } from "./server.ts";
export { limitTransactions, type RunTransaction, transaction } from "./transaction.ts";
export { backendPid, untilWaiting } from "./until-waiting.ts";
