import { eventLog, type LoggedEvent, say, section, table, title, workerLog } from "shared/console";
import { type Sql, withLessonDatabase } from "shared/database";
import { Ledger, type StartedProcess } from "shared/processes";
import { LIVELY, until, untilAtItsPlace } from "shared/story";
import { enqueue, type TaskDefinition, Worker } from "./engine/index.ts";
import { failAsLesson04, startLesson04 } from "./story/lesson-04.ts";
import { Outside } from "./story/outside.ts";
import { startOther } from "./story/processes.ts";
import { carefulOrder, order, pay, transfer } from "./story/tasks.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("05 · Durable event log");
  const ledgers = Array.from({ length: 3 }, () => Ledger.create());
  const [first, second, third] = ledgers as [Ledger, Ledger, Ledger];
  const lesson04 = startLesson04(url, first);
  const doomed = startOther(url, second, "worker-1", "before it ships");
  const transferring = [
    startOther(url, second, "worker-3", "before the commit"),
    startOther(url, second, "worker-4", "after the commit"),
  ];
  const late = startOther(url, third, "worker-6", "between the charge and its event");

  section("Watch lesson 04 fail");
  // While processes start, a heartbeat may come too late for the story's short leases.
  await Promise.all([lesson04, doomed, ...transferring, late].map((each) => each.firstMessage));
  await failAsLesson04(url, first, lesson04);

  section("The same order, in steps");
  await killBeforeItShips(sql, second, doomed);

  section("Move money");
  await moveMoney(sql, transferring);

  section("Fail, and go on");
  await failAndGoOn(sql);

  section("Break it");
  await killBeforeTheEvent(sql, third, late);

  section("What it left");
  table(
    await sql`
      select id, name, status, attempt, event_count as events, coalesce(output, error) as output
      from tasks
      order by id`,
  );
  say();
  table(
    await sql`
      select task_id as task, seq, position, kind, name, attempt, status,
             coalesce(output::text, error ->> 'message', '') as "output or error"
      from events
      order by task_id, seq`,
  );
  for (const ledger of ledgers) ledger.remove();
});

async function killBeforeItShips(sql: Sql, ledger: Ledger, doomed: StartedProcess): Promise<void> {
  const outside = new Outside(ledger, "worker-2");
  const id = await enqueue(sql, order(outside), { item: "a lamp" });
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-1");
  await workUntilEnded(sql, id, "worker-2", order(outside));
  say();
  table(outside.totals());
  say();
  await showLog(sql, id);
}

async function moveMoney(sql: Sql, doomed: StartedProcess[]): Promise<void> {
  await sql`create table accounts (name text primary key, balance int not null)`;
  await sql`insert into accounts values ('alice', 100), ('bob', 0)`;
  const id = await enqueue(sql, transfer(), { euros: 30 });
  const killed = ["kill -9 worker-3, before the commit:", "kill -9 worker-4, after it:"];
  for (const [index, victim] of doomed.entries()) {
    await untilAtItsPlace(victim);
    await victim.kill();
    say(`  ${killed[index]}`);
    await showAccounts(sql);
    say();
  }
  await workUntilEnded(sql, id, "worker-5", transfer());
  await showAccounts(sql);
}

async function failAndGoOn(sql: Sql): Promise<void> {
  const id = await enqueue(sql, pay(), null);
  await workUntilEnded(sql, id, "worker-2", pay());
  say();
  await showLog(sql, id);
}

async function killBeforeTheEvent(sql: Sql, ledger: Ledger, doomed: StartedProcess): Promise<void> {
  const outside = new Outside(ledger, "worker-7");
  const id = await enqueue(sql, carefulOrder(outside), { item: "a lamp" });
  await untilAtItsPlace(doomed);
  await doomed.kill();
  say("  kill -9 worker-6: it has charged, and the log does not know");
  await workUntilEnded(sql, id, "worker-7", carefulOrder(outside));
  say();
  table(outside.totals());
}

async function workUntilEnded(
  sql: Sql,
  id: string,
  name: string,
  definition: TaskDefinition<never, unknown>,
): Promise<void> {
  const { log, hasLoggedEnd } = workerLog();
  const working = new Worker(sql, { tasks: [definition], name, log, ...LIVELY });
  working.start();
  await until(async () => hasLoggedEnd(id));
  await working.stop();
}

async function showLog(sql: Sql, id: string): Promise<void> {
  eventLog(
    await sql<LoggedEvent[]>`
      select seq, happened_at, position, kind, name, status, output, error
      from events
      where task_id = ${id}
      order by seq`,
  );
}

async function showAccounts(sql: Sql): Promise<void> {
  say();
  table(await sql`select name, balance from accounts order by name`);
}
