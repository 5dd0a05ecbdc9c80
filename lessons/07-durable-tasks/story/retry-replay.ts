import { say, table } from "shared/console";
import { connect, type Sql } from "shared/database";
import { Ledger } from "shared/processes";
import { PATIENT, until } from "shared/story";
import { enqueue, replay, retry, Worker } from "../engine/index.ts";
import { albumTasks } from "./album.ts";

/** An album fails in the child of a child, is retried, and is then replayed. */
export async function retryAndReplay(sql: Sql, url: string): Promise<void> {
  const ledger = Ledger.create();
  let hasPaper = false;
  const { album, tasks } = albumTasks(ledger, (photo) => {
    if (!hasPaper && photo === "lighthouse") throw new Error("no paper");
  });
  const own = connect(url, { applicationName: "lesson-07" });
  let isShown = false;
  let last = "";
  const log = (line: string) => {
    last = line;
    if (isShown) say(`  ${line}`);
  };
  const worker = new Worker(own, { tasks, name: "worker-1", slots: 1, log, ...PATIENT });
  const id = await enqueue(sql, album, ["harbour", "lighthouse"]);
  const ends = (how: string) => until(async () => last.startsWith(`worker-1 ${how} album`));
  worker.start();

  await ends("failed");
  say(`  ${last}`);
  const failed = ledger.counts();
  hasPaper = true;
  isShown = true;
  say();
  say("  the printer has paper again");
  say(`  retry(sql, "${id}")`);
  await retry(sql, id);
  await ends("succeeded");
  const retried = ledger.counts();

  last = "";
  isShown = false;
  say();
  say(`  replay(sql, "${id}")`);
  await replay(sql, id);
  await ends("succeeded");
  say(`  ${last}`);
  const replayed = ledger.counts();
  await worker.stop();
  await own.end();

  say();
  table(
    [...replayed.keys()].map((what) => ({
      "": what,
      "until it failed": failed.get(what) ?? 0,
      "after the retry": retried.get(what) ?? 0,
      "after the replay": replayed.get(what) ?? 0,
    })),
  );
  ledger.remove();
}
