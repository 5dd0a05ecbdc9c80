import { TREE_TAIL } from "../runtime/console/index.ts";
import type { Sql } from "../runtime/database/index.ts";

export type TaskRow = {
  id: string;
  name: string;
  input: unknown;
  status: string;
  attempt: number;
  output: unknown;
  error: { message: string } | null;
};

/** A call of a durable task, with its latest event. */
export type CallRow = {
  taskId: string;
  position: number;
  kind: string;
  name: string;
  status: string;
  attempt: number;
  childId: string | null;
  error: { message: string } | null;
  /** The number of calls that the task has made. */
  total: number;
  beganAt: Date;
  endedAt: Date;
};

/** A task and its descendants, up to the limits below. */
export type Family = {
  root: TaskRow;
  tasks: Map<string, TaskRow>;
  calls: Map<string, CallRow[]>;
  now: Date;
};

/** The maximum number of calls of a task that are shown. */
export const MOST_CALLS = 20;

// The maximum for the whole family.
const MOST_TASKS = 500;

/** Returns a task and its descendants; undefined if there is no such task. */
export async function readFamily(sql: Sql, id: string): Promise<Family | undefined> {
  const [clock] = await sql<[{ now: Date }]>`select clock_timestamp() as now`;
  const tasks = new Map<string, TaskRow>();
  const calls = new Map<string, CallRow[]>();
  for (let ids = [id]; ids.length > 0 && tasks.size < MOST_TASKS; ) {
    for (const task of await readTasks(sql, ids)) tasks.set(task.id, task);
    const found = await readCalls(sql, ids);
    for (const call of found) calls.set(call.taskId, [...(calls.get(call.taskId) ?? []), call]);
    ids = found.flatMap(({ childId }) => childId ?? []);
  }
  const root = tasks.get(id);
  return root && { root, tasks, calls, now: clock.now };
}

/** Returns true if the task has not ended. */
export function isOpen({ status }: TaskRow): boolean {
  return ["queued", "running", "suspended"].includes(status);
}

function readTasks(sql: Sql, ids: string[]): Promise<TaskRow[]> {
  return sql<TaskRow[]>`
    select id, name, input, status, attempt, output, error
    from tasks
    where id = any (${ids}::bigint[])`;
}

/** Returns the first and the last calls of each task, in its latest history. */
function readCalls(sql: Sql, ids: string[]): Promise<CallRow[]> {
  return sql<CallRow[]>`
    with last as (
      select task_id, events.history, max(position) as position
      from events
      join tasks on tasks.id = task_id and tasks.history = events.history
      where task_id = any (${ids}::bigint[])
      group by task_id, events.history
    )
    select task_id, events.position, kind, name,
           (array_agg(status order by seq desc))[1] as status,
           max(attempt) as attempt,
           max(child_id) as child_id,
           (array_agg(error order by seq desc) filter (where error is not null))[1] as error,
           max(last.position) as total,
           min(happened_at) as began_at,
           coalesce(max(happened_at) filter (where status in ('succeeded', 'failed')), max(happened_at)) as ended_at
    from events
    join last using (task_id, history)
    where events.position <= ${MOST_CALLS}
       or events.position > last.position - ${TREE_TAIL}
    group by task_id, events.position, kind, name
    order by task_id, events.position`;
}
