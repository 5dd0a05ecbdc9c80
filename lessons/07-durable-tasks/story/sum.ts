import { say, table, workerLog } from "shared/console";
import { connect, type Sql } from "shared/database";
import { PATIENT, until } from "shared/story";
import {
  type DurableContext,
  durableTask,
  enqueue,
  type TaskDefinition,
  Worker,
} from "../engine/index.ts";

type Tree = number | Tree[];

/** Adds up the numbers of a tree. Each branch is a child. */
const sum: TaskDefinition<Tree[], number> = durableTask({
  name: "sum",
  run: async (tree: Tree[], { run }: DurableContext) => {
    const parts = tree.map((part) => (typeof part === "number" ? part : run(sum, part)));
    return (await Promise.all(parts)).reduce((total, part) => total + part, 0);
  },
});

/** Runs a tree with three levels of tasks in one slot. */
export async function runInOneSlot(sql: Sql, url: string): Promise<void> {
  const own = connect(url, { applicationName: "lesson-07" });
  const { log, hasLoggedEnd } = workerLog();
  const worker = new Worker(own, { tasks: [sum], name: "worker-1", slots: 1, log, ...PATIENT });
  const id = await enqueue(sql, sum, [1, [2, [3, 4]], [5]]);
  worker.start();
  await until(async () => hasLoggedEnd(id));
  await worker.stop();
  await own.end();
  say();
  table(
    await sql`
      select id, coalesce(parent_id::text, '') as parent, input::text, output, status,
             fence as claims, event_count as events
      from tasks
      order by id`,
  );
}
