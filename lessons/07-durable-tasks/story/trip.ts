import { say, table, workerLog } from "shared/console";
import { connect, type Sql } from "shared/database";
import { PATIENT, until } from "shared/story";
import { ChildFailedError, durableTask, enqueue, task, Worker } from "../engine/index.ts";

const book = task({
  name: "book",
  run: (hotel: string) => {
    if (hotel === "Ritz") throw new Error("no room at the Ritz");
    return `room 7 at the ${hotel}`;
  },
});

/** Books a room at the first of these hotels that has one. */
const trip = durableTask({
  name: "trip",
  run: async (hotels: string[], { run }) => {
    for (const hotel of hotels) {
      try {
        return await run(book, hotel);
      } catch (error) {
        if (!(error instanceof ChildFailedError)) throw error;
      }
    }
    throw new Error("no room");
  },
});

/** A child fails, its parent catches the error and starts another one. */
export async function catchAFailure(sql: Sql, url: string): Promise<void> {
  const own = connect(url, { applicationName: "lesson-07" });
  const { log, hasLoggedEnd } = workerLog();
  const tasks = [trip, book];
  const worker = new Worker(own, { tasks, name: "worker-1", slots: 1, log, ...PATIENT });
  const id = await enqueue(sql, trip, ["Ritz", "Grand"]);
  worker.start();
  await until(async () => hasLoggedEnd(id));
  await worker.stop();
  await own.end();
  say();
  table(
    await sql`
      select seq, position, kind, name, child_id as task, status,
             coalesce(output::text, error ->> 'message', '') as "output or error"
      from events
      where task_id = ${id}
      order by seq`,
  );
}
