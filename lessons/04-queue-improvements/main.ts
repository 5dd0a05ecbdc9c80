import { say, section, table, title, workerLog } from "shared/console";
import { type Sql, withLessonDatabase } from "shared/database";
import type { StartedProcess } from "shared/processes";
import { LIVELY, until, untilAtItsPlace } from "shared/story";
import { cancel, enqueue, task, Worker } from "./engine/index.ts";
import { failAsLesson03, startLesson03 } from "./story/lesson-03.ts";
import { startOther } from "./story/processes.ts";
import { callFlaky, charge, hang, poison, render } from "./story/tasks.ts";

const { log, hasLoggedEnd } = workerLog();

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("04 · Task queue improvements");
  // Processes take a moment to start; these do while the first parts are told.
  const doomedLesson03 = startLesson03(url);
  const doomed = startOther(url, "worker-1", "is killed");
  const frozen = startOther(url, "worker-3", "is frozen");
  const victims = [4, 5].map((n) => startOther(url, `worker-${n}`, "is poisoned"));

  section("Watch lesson 03 fail");
  await failAsLesson03(url, doomedLesson03);

  section("Kill a worker");
  await killHalfWay(sql, doomed);

  section("Wake a zombie");
  await wakeZombie(sql, frozen);

  section("Fail, and try again");
  await tryAgain(sql);

  section("Keys, cancellation, timeouts");
  await addOnceAndStop(sql);

  section("Break it");
  await poisonAll(sql, victims);

  section("What it left");
  table(
    await sql`
      select id, name, status, attempt, fence,
             coalesce(output ->> 0, output::text, error ->> 'message') as "output or error"
      from tasks
      order by id`,
  );
});

async function killHalfWay(sql: Sql, doomed: StartedProcess): Promise<void> {
  const id = await enqueue(sql, render("worker-2"), "the annual report");
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-1");
  await workUntilEnded(id, worker(sql, "worker-2", [render("worker-2")]));
  say();
  await showErrors(sql, id);
}

async function wakeZombie(sql: Sql, frozen: StartedProcess): Promise<void> {
  let [goOn, isHalfWay] = [() => {}, false];
  const untilGoOn = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const pay = task({
    name: "pay",
    run: async () => {
      isHalfWay = true;
      await untilGoOn;
      return "paid by worker-2";
    },
  });
  const id = await enqueue(sql, pay, null);
  await untilAtItsPlace(frozen);
  frozen.signal("SIGSTOP");
  say("  worker-3 is frozen in the middle of its handler (SIGSTOP)");
  const working = worker(sql, "worker-2", [pay]);
  working.start();
  await until(async () => isHalfWay);
  say("  worker-2 is half way through when worker-3 goes on (SIGCONT)");
  frozen.signal("SIGCONT");
  frozen.send("go on");
  await frozen.ended;
  goOn();
  await workUntilEnded(id, working);
  say();
  table(await sql`select id, name, status, fence, output from tasks where id = ${id}`);
}

async function tryAgain(sql: Sql): Promise<void> {
  const call = callFlaky();
  const id = await enqueue(sql, call, null);
  await workUntilEnded(id, worker(sql, "worker-2", [call]));
  say();
  await showErrors(sql, id);
  say();
  say("An error that no further attempt would mend is final, although five attempts were allowed:");
  say();
  const refused = await enqueue(sql, charge, null);
  await workUntilEnded(refused, worker(sql, "worker-2", [charge]));
}

async function addOnceAndStop(sql: Sql): Promise<void> {
  const noted = task({ name: "note", run: () => {} });
  const first = await enqueue(sql, noted, null, { idempotencyKey: "order 7" });
  const second = await enqueue(sql, noted, null, { idempotencyKey: "order 7" });
  say(`  enqueued twice with one key: task ${first}, task ${second}`);
  await cancel(sql, first);
  say(`  task ${first} is cancelled before anybody has claimed it`);
  const id = await enqueue(sql, hang, null);
  await workUntilEnded(id, worker(sql, "worker-2", [noted, hang]));
}

async function poisonAll(sql: Sql, victims: StartedProcess[]): Promise<void> {
  const id = await enqueue(sql, poison, null);
  for (const victim of victims) {
    await victim.firstMessage;
    victim.send("begin");
    await victim.ended;
  }
  // It would run the task, if there were another attempt.
  await workUntilEnded(id, worker(sql, "worker-6", []));
}

function worker(
  sql: Sql,
  name: string,
  tasks: ConstructorParameters<typeof Worker>[1]["tasks"],
): Worker {
  return new Worker(sql, { tasks, name, log, ...LIVELY });
}

async function workUntilEnded(id: string, working: Worker): Promise<void> {
  working.start();
  await until(async () => hasLoggedEnd(id));
  await working.stop();
}

async function showErrors(sql: Sql, id: string): Promise<void> {
  table(
    await sql`
      select tasks.id, tasks.name, each.error ->> 'attempt' as attempt, each.error ->> 'message' as error
      from tasks
      cross join jsonb_array_elements(errors) as each (error)
      where id = ${id}`,
  );
}
