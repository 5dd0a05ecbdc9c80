export { emptySchema, type FreshDatabase, freshDatabase } from "./database.ts";
export { Gate } from "./gate.ts";
export { lessonUnderTest } from "./lesson-under-test.ts";
export { startTestProcess } from "./test-process.ts";
