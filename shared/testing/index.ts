export { emptySchema, type FreshDatabase, freshDatabase } from "./database.ts";
export { Gate } from "./gate.ts";
export { lessonUnderTest } from "./lesson-under-test.ts";
export { moveTime } from "./move-time.ts";
export {
  explain,
  type PlanNode,
  pagesTouched,
  recordStatements,
  rowsRead,
  type Statement,
} from "./statements.ts";
export { startTestProcess } from "./test-process.ts";
