import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import type { SurveyRun } from "./survey-runs.ts";

/** Prints what each of two runs did, and whether their reports are the same. */
export async function compareRuns(
  sql: Sql,
  undisturbed: SurveyRun,
  disturbed: SurveyRun,
): Promise<void> {
  const isSame = undisturbed.report.join("\n") === disturbed.report.join("\n");
  say(`  the two reports are ${isSame ? "the same, word for word" : "NOT the same"}`);
  say();
  const [before, after] = [countsOf(undisturbed), countsOf(disturbed)];
  table(
    [...before.keys()].map((what) => ({
      "": what,
      undisturbed: before.get(what),
      disturbed: after.get(what) ?? 0,
    })),
  );
  say();
  const more = [...disturbed.ledger.counts()].filter(
    ([what, times]) => times > (undisturbed.ledger.counts().get(what) ?? 0),
  );
  for (const [what] of more) say(`  done once more: ${what}`);
  say();
  say(`  undisturbed: ${await figuresOf(sql, undisturbed.id, "worker-1")}`);
  say(`  disturbed:   ${await figuresOf(sql, disturbed.id, "worker-2 to worker-5")}`);
}

/** Returns how often each kind of thing was done. */
function countsOf({ ledger }: SurveyRun): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of ledger.lines()) {
    const what = line.replace(/ (\d\d-\S+|\w+\/\S+)/, "");
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

async function figuresOf(sql: Sql, id: string, by: string): Promise<string> {
  const [figures] = await sql`
    with recursive family as (
      select * from tasks where id = ${id}
      union all
      select tasks.* from tasks join family on tasks.parent_id = family.id
    )
    select count(*) as tasks, sum(attempt) as attempts, sum(event_count) as events, sum(fence) as claims
    from family`;
  const { tasks, attempts, events, claims } = figures as Record<string, string>;
  return `${tasks} tasks, ${attempts} attempts, ${events} events; ${by} ran ${claims} handlers`;
}
