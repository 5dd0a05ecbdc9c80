import { say, table } from "shared/console";
import { connect, type Sql } from "shared/database";
import { Ledger } from "shared/processes";
import { PATIENT, until } from "shared/story";
import {
  type DurableContext,
  durableTask,
  enqueue,
  replay,
  retry,
  task,
  Worker,
} from "../engine/index.ts";

/** A tree that fails in its deepest task is retried, and then replayed. */
export async function retryAndReplay(sql: Sql, url: string): Promise<void> {
  const ledger = Ledger.create();
  const printer = { hasPaper: false };
  const { album, tasks } = albumTasks(ledger, printer);
  const own = connect(url, { max: 1, applicationName: "lesson-07" });
  let isTold = false;
  let last = "";
  const log = (line: string) => {
    last = line;
    if (isTold) say(`  ${line}`);
  };
  const worker = new Worker(own, { tasks, name: "worker-6", slots: 1, log, ...PATIENT });
  const id = await enqueue(sql, album, ["harbour", "lighthouse"]);
  const ends = (how: string) => until(async () => last.startsWith(`worker-6 ${how} album`));
  worker.start();

  await ends("failed");
  say(`  ${last}`);
  const failed = ledger.counts();
  printer.hasPaper = true;
  isTold = true;
  say();
  say(`  the printer has paper again, and task ${id} is retried`);
  await retry(sql, id);
  await ends("succeeded");
  const retried = ledger.counts();

  last = "";
  isTold = false;
  say();
  say(`  task ${id} is replayed`);
  await replay(sql, id);
  await ends("succeeded");
  say(`  ${last}`);
  const replayed = ledger.counts();
  await worker.stop();
  await own.end();

  say();
  table(
    [...replayed.keys()].map((what) => ({
      done: what,
      "until it failed": failed.get(what) ?? 0,
      "after the retry": retried.get(what) ?? 0,
      "after the replay": replayed.get(what) ?? 0,
    })),
  );
  ledger.remove();
}

/** Prints an album, page by page; the printer runs out of paper. */
function albumTasks(ledger: Ledger, printer: { hasPaper: boolean }) {
  const print = task({
    name: "print",
    run: (photo: string) => {
      if (!printer.hasPaper && photo === "lighthouse") throw new Error("no paper");
      ledger.write(`print ${photo}`);
    },
  });
  const page = durableTask({
    name: "page",
    run: async (photo: string, { step, run }: DurableContext) => {
      await step("develop", () => ledger.write(`develop ${photo}`));
      await run(print, photo);
    },
  });
  const album = durableTask({
    name: "album",
    run: async (photos: string[], { step, run }: DurableContext) => {
      await step("choose", () => ledger.write("choose"));
      for (const photo of photos) await run(page, photo);
      await step("bind", () => ledger.write("bind"));
    },
  });
  return { album, tasks: [album, page, print] };
}
