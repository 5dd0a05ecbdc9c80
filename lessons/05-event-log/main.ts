import { say, section, table, title } from "shared/console";
import { withLessonDatabase } from "shared/database";
import { Ledger } from "shared/processes";
import { cancelTrip, fail } from "./story/failures.ts";
import { failAsLesson04, startLesson04 } from "./story/lesson-04.ts";
import { killBeforeTheEvent, killBetweenSteps } from "./story/steps.ts";
import { killTwice } from "./story/transactions.ts";
import { storeValues } from "./story/values.ts";
import { startWorkerProcess } from "./story/workers.ts";

await withLessonDatabase(import.meta.url, async ({ sql, url }) => {
  title("05 · Durable event log");
  const [first, second, third] = [Ledger.create(), Ledger.create(), Ledger.create()];
  const ofLesson04 = startLesson04(url, first);
  const killed = startWorkerProcess(url, "worker-1", second, "before it ships");
  const afterTheCharge = startWorkerProcess(url, "worker-3", third, "after the charge");
  const transferring = [
    startWorkerProcess(url, "worker-4", third, "before the commit"),
    startWorkerProcess(url, "worker-5", third, "after the commit"),
  ];
  // While processes start, a heartbeat may come too late for the story's short leases.
  const all = [ofLesson04, killed, afterTheCharge, ...transferring];
  await Promise.all(all.map((each) => each.firstMessage));

  section("Watch lesson 04 fail");
  await failAsLesson04(url, ofLesson04, first);

  section("Kill a worker between two steps");
  await killBetweenSteps(sql, killed, second);

  section("Kill a worker before its event");
  await killBeforeTheEvent(sql, afterTheCharge, third);

  section("Fail");
  await fail(sql);

  section("Cancel");
  await cancelTrip(sql);

  section("Move money");
  await killTwice(sql, transferring);

  section("Store values");
  await storeValues(sql);

  section("The rows");
  table(
    await sql`
      select id, name, status, attempt, fence, event_count as events,
             coalesce(output #>> '{}', error ->> 'message', '') as "output or error"
      from tasks
      order by id`,
  );
  say();
  table(
    await sql`
      select task_id as task, seq, position, kind, name, attempt, status,
             coalesce(output #>> '{}', error ->> 'message', '') as "output or error"
      from events
      order by task_id, seq`,
  );
  for (const ledger of [first, second, third]) ledger.remove();
});
