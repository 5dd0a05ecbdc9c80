import { setTimeout as pause } from "node:timers/promises";
import { familyTree, readFamily } from "shared/commands";
import { say, tree, workerLog } from "shared/console";
import { connect, type Sql } from "shared/database";
import { Ledger } from "shared/processes";
import { PATIENT, until } from "shared/story";
import { cancel, enqueue, Worker } from "../engine/index.ts";
import { albumTasks } from "./album.ts";

const ONE_MINUTE_MS = 60_000;

/** Cancels a task while the child of its child is running. */
export async function cancelAlbum(sql: Sql, url: string): Promise<void> {
  const ledger = Ledger.create();
  let isPrinting = false;
  const { album, tasks } = albumTasks(ledger, async (_, signal) => {
    isPrinting = true;
    await pause(ONE_MINUTE_MS, undefined, { signal }).catch(() => {
      say(`  the printer stops: ${signal.reason.message}`);
      throw signal.reason;
    });
  });
  const own = connect(url, { applicationName: "lesson-07" });
  const { log } = workerLog();
  const worker = new Worker(own, { tasks, name: "worker-1", slots: 1, log, ...PATIENT });
  const id = await enqueue(sql, album, ["harbour", "lighthouse"]);
  worker.start();
  await until(async () => isPrinting);
  say(`  cancel(sql, "${id}")`);
  await cancel(sql, id);
  await until(async () => !(await isAnyLeft(sql)));
  await worker.stop();
  await own.end();
  ledger.remove();
  say();
  const family = await readFamily(sql, id);
  if (family) tree(familyTree(family));
}

async function isAnyLeft(sql: Sql): Promise<boolean> {
  const [left] = await sql`
    select id
    from tasks
    where status in ('queued', 'running', 'suspended')
    limit 1`;
  return left !== undefined;
}
