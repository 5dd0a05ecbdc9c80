import { beforeEach, vi } from "vitest";
import { pollLimitMs } from "./poll-limit.ts";

// Vitest's own setting holds for a whole project, and a lesson's project has files that must pass and files that must fail.
beforeEach(({ task }) => {
  const timeout = pollLimitMs(task.file.filepath, process.env.LESSON_UNDER_TEST ?? "");
  vi.setConfig({ expect: { requireAssertions: true, poll: { timeout } } });
});
