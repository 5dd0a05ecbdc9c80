import { expect, test } from "vitest";
import { normalise } from "./normalise.ts";

test.each([
  ["took 12 ms", "took 1.3 s"],
  ["| took 12 ms   | done", "| took  0.4s | done"],
  ["12,345 tasks/s", "9 tasks/s"],
  ["2.01 round trips/task  ×0.5", "0.25 round trips/task  ×1,200"],
  ["on 127.0.0.1:54321", "on 127.0.0.1:5432"],
  ["PostgreSQL 18.4, database x", "PostgreSQL 15.18 (Debian 15.18-0+deb12u1), database x"],
  ["Postgres is restarted, while", "All connections are cut (a server that is not ours), while"],
  ["pid 123 died, pid=9", "pid 4 died, pid=1234"],
  ["at 2026-01-31T12:00:00.000Z", "at 2025-11-01T01:02:03Z"],
  ["12:00:00 claimed", "23:59:59.123 claimed"],
  ["worker-3 ran 2,497 tasks  ████▌  50 %", "worker-3 ran 9 tasks      █▏     50 %"],
  ["task 1  ██   ██  ok", "task 1   ████    ok"],
  ["id 6f1c2c1e-0000-4000-8000-000000000000", "id aaaaaaaa-1111-4000-8000-bbbbbbbbbbbb"],
])("equal except for values that vary from run to run: %s", (a, b) => {
  expect(normalise(a)).toBe(normalise(b));
});

test.each([
  ["took 12 ms", "takes 12 ms"],
  ["12 tasks", "13 tasks"],
  ["PostgreSQL 18.4, database x", "PostgreSQL 18.4, database y"],
  ["12 tasks/s", "12 steps/s"],
  ["2 commits/task", "2 commits/step"],
  ["2 engine/task.ts", "3 engine/task.ts"],
  ["worker-3 ran 2 tasks", "worker-4 ran 2 tasks"],
  ["attempt 1", "attempt 2"],
  ["a\nb", "a b"],
])("not equal: %s", (a, b) => {
  expect(normalise(a)).not.toBe(normalise(b));
});
