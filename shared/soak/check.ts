import type { Sql } from "../runtime/database/index.ts";
import type { Ledger } from "../runtime/processes/index.ts";
import { RULES } from "./rules.ts";
import { mayBecome, PLAN_NAMES, type Plan } from "./soak-plan.ts";

export type Violation = { rule: string; task: string; what: string };

/** Checks all tasks after all workers have stopped. `keys` are the idempotency keys of all enqueued tasks. */
export async function violations(sql: Sql, ledger: Ledger, keys: string[]): Promise<Violation[]> {
  await copyLedger(sql, ledger);
  const found = [...(await lost(sql, keys)), ...(await wrongOutputs(sql))];
  for (const [rule, query] of Object.entries(RULES)) {
    const rows = await sql.unsafe(query);
    found.push(...rows.map(({ task, what }) => ({ rule, task: String(task), what: String(what) })));
  }
  return found;
}

/** A line is `handler 7 1`, with task and attempt, or `step 7/2 1`, with idempotency key (`7/2/3` in history 3) and attempt. */
async function copyLedger(sql: Sql, ledger: Ledger): Promise<void> {
  const lines = ledger.lines();
  for (let from = 0; from < lines.length; from += 10_000) {
    await sql`
      insert into soak.ledger (kind, call, task_id, position, history, attempt)
      select word[1], word[2], part[1]::bigint, part[2]::int, coalesce(part[3]::int, 1), word[3]::int
      from unnest(${lines.slice(from, from + 10_000)}::text[]) as line
      cross join string_to_array(line, ' ') as word
      cross join string_to_array(word[2], '/') as part`;
  }
  await sql`analyze`;
}

async function lost(sql: Sql, keys: string[]): Promise<Violation[]> {
  const rows = await sql`
    select coalesce(id, 0) as task, coalesce(wanted.key, tasks.idempotency_key) as what
    from unnest(${keys}::text[]) as wanted (key)
    full join (select id, idempotency_key from tasks where parent_id is null) as tasks
      on tasks.idempotency_key = wanted.key
    where tasks.id is null or wanted.key is null`;
  return rows.map(({ task, what }) => ({ rule: "each enqueued task exists once", task, what }));
}

async function wrongOutputs(sql: Sql): Promise<Violation[]> {
  const ended = await sql<{ id: string; name: string; input: never; output: unknown }[]>`
    select id, name, input, output
    from tasks
    where status = 'succeeded'`;
  return ended
    .filter(({ name, input, output }) => !mayBecome(planOf(name, input), output))
    .map(({ id, output }) => ({
      rule: "an output consists of the outputs of its calls",
      task: id,
      what: JSON.stringify(output),
    }));
}

function planOf(name: string, input: never): Plan {
  const isPlan = (PLAN_NAMES as readonly string[]).includes(name);
  return isPlan ? input : ({ kind: "work", work: input, key: null } as never);
}
