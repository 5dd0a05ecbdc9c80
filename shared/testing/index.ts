export { type CrashCell, expectCells } from "./crash-cells.ts";
export { type CrashableDatabase, useCrashableServer } from "./crashable-database.ts";
export { emptySchema, type FreshDatabase, freshDatabase } from "./fresh-database.ts";
export { Gate } from "./gate.ts";
export { lessonUnderTest } from "./lesson-under-test.ts";
export { losingReplies, refusing } from "./lost-replies.ts";
export { moveTime } from "./move-time.ts";
export { type Random, randomFrom } from "./random.ts";
export { type SlowConnection, slowToRead } from "./slow-to-read.ts";
export {
  explain,
  type PlanNode,
  pagesTouched,
  recordStatements,
  rowsRead,
  type Statement,
} from "./statements.ts";
export { type HowToGoOn, type StopPoint, stoppingAt } from "./stop-point.ts";
export { startTestProcess, type TestProcess } from "./test-process.ts";
export { die, type WayToDie, waysToDie } from "./ways-to-die.ts";
