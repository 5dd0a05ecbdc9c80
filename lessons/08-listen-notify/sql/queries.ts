// Made from queries.sql by `pnpm typegen`; fingerprint 7d88b9ff0c09cef2
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type call_kind = 'child' | 'now' | 'patched' | 'random' | 'step' | 'transaction' | 'uuid';

export type call_status = 'abandoned' | 'caught' | 'failed' | 'started' | 'succeeded';

export type task_priority = 'high' | 'low' | 'normal';

export type task_status = 'cancelled' | 'failed' | 'queued' | 'running' | 'succeeded' | 'suspended';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'SetConcurrencyLimit' parameters type */
export interface SetConcurrencyLimitParams {
  concurrencyKey: string;
  maxRunning: number;
}

/** 'SetConcurrencyLimit' return type */
export type SetConcurrencyLimitResult = void;

/** 'SetConcurrencyLimit' query type */
export interface SetConcurrencyLimitQuery {
  params: SetConcurrencyLimitParams;
  result: SetConcurrencyLimitResult;
}

const setConcurrencyLimitIR: any = {"usedParamSet":{"concurrencyKey":true,"maxRunning":true},"params":[{"name":"concurrencyKey","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"maxRunning","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into concurrency_limits (concurrency_key, max_running)\nvalues ($1, $2)\non conflict (concurrency_key) do update\nset max_running = excluded.max_running"};

/**
 * Query generated from SQL:
 * ```
 * insert into concurrency_limits (concurrency_key, max_running)
 * values (:concurrencyKey!, :maxRunning!)
 * on conflict (concurrency_key) do update
 * set max_running = excluded.max_running
 * ```
 */
export const setConcurrencyLimit = new PreparedQuery<SetConcurrencyLimitParams,SetConcurrencyLimitResult>(setConcurrencyLimitIR);


/** 'InsertTasks' parameters type */
export interface InsertTasksParams {
  concurrencyKeys: stringArray;
  delaysMs: NumberOrStringArray;
  idempotencyKeys: stringArray;
  inputs: stringArray;
  maxAttempts: number;
  name: string;
  priorities: stringArray;
  runAts: stringArray;
  startTimeoutMs?: number | null | void;
}

/** 'InsertTasks' return type */
export interface InsertTasksResult {
  called: string | null;
  id: string;
  idempotencyKey: string | null;
}

/** 'InsertTasks' query type */
export interface InsertTasksQuery {
  params: InsertTasksParams;
  result: InsertTasksResult;
}

const insertTasksIR: any = {"usedParamSet":{"inputs":true,"concurrencyKeys":true,"idempotencyKeys":true,"priorities":true,"runAts":true,"delaysMs":true,"name":true,"startTimeoutMs":true,"maxAttempts":true},"params":[{"name":"inputs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"concurrencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"idempotencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"priorities","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"runAts","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"delaysMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"startTimeoutMs","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"maxAttempts","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*\n  from unnest(\n    $1::text[],\n    $2::text[],\n    $3::text[],\n    $4::text[],\n    $5::text[],\n    $6::bigint[]\n  ) as task (input, concurrency_key, idempotency_key, priority, run_at, delay_ms)\n),\ndue as (\n  -- now() is the start of the transaction, which may have been long ago.\n  select *,\n         coalesce(run_at::timestamptz, statement_timestamp() + delay_ms * interval '1 millisecond') as due_at\n  from wanted\n),\ninserted as (\n  insert into tasks (\n    id, name, input, concurrency_key, idempotency_key, priority, run_at, expires_at, max_attempts\n  )\n  overriding system value\n  select id, $7, input::jsonb, concurrency_key, idempotency_key, priority::task_priority, due_at,\n         due_at + $8::float8 * interval '1 millisecond', $9\n  from due\n  where not exists (\n    select concurrency_key from wanted where concurrency_key is not null\n    except\n    select concurrency_key from concurrency_limits\n  )\n  order by idempotency_key, id\n  on conflict (name, idempotency_key) where idempotency_key is not null do nothing\n  returning id, idempotency_key, run_at\n)\nselect id, idempotency_key,\n       (select call_workers($7, count(*)) from inserted where run_at <= statement_timestamp()) as called\nfrom inserted"};

/**
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*
 *   from unnest(
 *     :inputs!::text[],
 *     :concurrencyKeys!::text[],
 *     :idempotencyKeys!::text[],
 *     :priorities!::text[],
 *     :runAts!::text[],
 *     :delaysMs!::bigint[]
 *   ) as task (input, concurrency_key, idempotency_key, priority, run_at, delay_ms)
 * ),
 * due as (
 *   -- now() is the start of the transaction, which may have been long ago.
 *   select *,
 *          coalesce(run_at::timestamptz, statement_timestamp() + delay_ms * interval '1 millisecond') as due_at
 *   from wanted
 * ),
 * inserted as (
 *   insert into tasks (
 *     id, name, input, concurrency_key, idempotency_key, priority, run_at, expires_at, max_attempts
 *   )
 *   overriding system value
 *   select id, :name!, input::jsonb, concurrency_key, idempotency_key, priority::task_priority, due_at,
 *          due_at + :startTimeoutMs::float8 * interval '1 millisecond', :maxAttempts!
 *   from due
 *   where not exists (
 *     select concurrency_key from wanted where concurrency_key is not null
 *     except
 *     select concurrency_key from concurrency_limits
 *   )
 *   order by idempotency_key, id
 *   on conflict (name, idempotency_key) where idempotency_key is not null do nothing
 *   returning id, idempotency_key, run_at
 * )
 * select id, idempotency_key,
 *        (select call_workers(:name!, count(*)) from inserted where run_at <= statement_timestamp()) as called
 * from inserted
 * ```
 */
export const insertTasks = new PreparedQuery<InsertTasksParams,InsertTasksResult>(insertTasksIR);


/** 'FindTasks' parameters type */
export interface FindTasksParams {
  idempotencyKeys: stringArray;
  name: string;
}

/** 'FindTasks' return type */
export interface FindTasksResult {
  id: string;
  idempotencyKey: string;
}

/** 'FindTasks' query type */
export interface FindTasksQuery {
  params: FindTasksParams;
  result: FindTasksResult;
}

const findTasksIR: any = {"usedParamSet":{"name":true,"idempotencyKeys":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"idempotencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select id, idempotency_key as \"idempotency_key!\"\nfrom tasks\nwhere name = $1\n  and idempotency_key = any ($2::text[])"};

/**
 * Query generated from SQL:
 * ```
 * select id, idempotency_key as "idempotency_key!"
 * from tasks
 * where name = :name!
 *   and idempotency_key = any (:idempotencyKeys!::text[])
 * ```
 */
export const findTasks = new PreparedQuery<FindTasksParams,FindTasksResult>(findTasksIR);


/** 'FindConcurrencyLimits' parameters type */
export interface FindConcurrencyLimitsParams {
  concurrencyKeys: stringArray;
}

/** 'FindConcurrencyLimits' return type */
export interface FindConcurrencyLimitsResult {
  concurrencyKey: string;
}

/** 'FindConcurrencyLimits' query type */
export interface FindConcurrencyLimitsQuery {
  params: FindConcurrencyLimitsParams;
  result: FindConcurrencyLimitsResult;
}

const findConcurrencyLimitsIR: any = {"usedParamSet":{"concurrencyKeys":true},"params":[{"name":"concurrencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select concurrency_key\nfrom concurrency_limits\nwhere concurrency_key = any ($1::text[])"};

/**
 * Query generated from SQL:
 * ```
 * select concurrency_key
 * from concurrency_limits
 * where concurrency_key = any (:concurrencyKeys!::text[])
 * ```
 */
export const findConcurrencyLimits = new PreparedQuery<FindConcurrencyLimitsParams,FindConcurrencyLimitsResult>(findConcurrencyLimitsIR);


/** 'InsertWorker' parameters type */
export interface InsertWorkerParams {
  channel?: string | null | void;
  leaseMs: number;
  name: string;
  names: stringArray;
}

/** 'InsertWorker' return type */
export interface InsertWorkerResult {
  announced: string | null;
  id: string;
}

/** 'InsertWorker' query type */
export interface InsertWorkerQuery {
  params: InsertWorkerParams;
  result: InsertWorkerResult;
}

const insertWorkerIR: any = {"usedParamSet":{"name":true,"leaseMs":true,"names":true,"channel":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"leaseMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"channel","required":false,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into workers (name, lease_ends_at, names, channel)\nvalues ($1, now() + $2::float8 * interval '1 millisecond', $3::text[], $4)\nreturning id, case when channel is not null then pg_notify(channel, 'heartbeat')::text end as announced"};

/**
 * Query generated from SQL:
 * ```
 * insert into workers (name, lease_ends_at, names, channel)
 * values (:name!, now() + :leaseMs!::float8 * interval '1 millisecond', :names!::text[], :channel)
 * returning id, case when channel is not null then pg_notify(channel, 'heartbeat')::text end as announced
 * ```
 */
export const insertWorker = new PreparedQuery<InsertWorkerParams,InsertWorkerResult>(insertWorkerIR);


/** 'Heartbeat' parameters type */
export interface HeartbeatParams {
  channel?: string | null | void;
  leaseMs: number;
  workerId: NumberOrString;
}

/** 'Heartbeat' return type */
export interface HeartbeatResult {
  announced: string | null;
  cancelled: stringArray;
  hasLeftChildren: boolean;
}

/** 'Heartbeat' query type */
export interface HeartbeatQuery {
  params: HeartbeatParams;
  result: HeartbeatResult;
}

const heartbeatIR: any = {"usedParamSet":{"leaseMs":true,"channel":true,"workerId":true},"params":[{"name":"leaseMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"channel","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update workers\nset lease_ends_at = now() + $1::float8 * interval '1 millisecond',\n    channel = $2\nwhere id = $3\nreturning array(\n  select id\n  from tasks\n  where worker_id = workers.id\n    and cancel_requested_at is not null\n) as \"cancelled!\",\nexists (\n  select\n  from tasks\n  where open_children > 0\n    and status in ('succeeded', 'failed', 'cancelled')\n) as \"has_left_children!\",\ncase when channel is not null then pg_notify(channel, 'heartbeat')::text end as announced"};

/**
 * Query generated from SQL:
 * ```
 * update workers
 * set lease_ends_at = now() + :leaseMs!::float8 * interval '1 millisecond',
 *     channel = :channel
 * where id = :workerId!
 * returning array(
 *   select id
 *   from tasks
 *   where worker_id = workers.id
 *     and cancel_requested_at is not null
 * ) as "cancelled!",
 * exists (
 *   select
 *   from tasks
 *   where open_children > 0
 *     and status in ('succeeded', 'failed', 'cancelled')
 * ) as "has_left_children!",
 * case when channel is not null then pg_notify(channel, 'heartbeat')::text end as announced
 * ```
 */
export const heartbeat = new PreparedQuery<HeartbeatParams,HeartbeatResult>(heartbeatIR);


/** 'ReclaimTasks' parameters type */
export interface ReclaimTasksParams {
  running: NumberOrStringArray;
  unsaved: NumberOrStringArray;
  workerId: NumberOrString;
}

/** 'ReclaimTasks' return type */
export interface ReclaimTasksResult {
  attempt: number;
  id: string;
  message: string;
  name: string;
  status: task_status;
  told: string | null;
}

/** 'ReclaimTasks' query type */
export interface ReclaimTasksQuery {
  params: ReclaimTasksParams;
  result: ReclaimTasksResult;
}

const reclaimTasksIR: any = {"usedParamSet":{"workerId":true,"unsaved":true,"running":true},"params":[{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"unsaved","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"running","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with dead as (\n  select id\n  from workers\n  where lease_ends_at <= now()\n  for update skip locked\n),\nlost as (\n  select id,\n         case\n           when cancel_requested_at is not null then 'cancelled'\n           when worker_id = $1 and not id = any ($2::bigint[]) then 'queued'\n           when attempt < max_attempts then 'queued'\n           else 'failed'\n         end::task_status as next_status,\n         worker_id = $1 and not id = any ($2::bigint[]) as never_started,\n         jsonb_build_object(\n           'name', case worker_id when $1 then 'OutcomeLostError' else 'WorkerLostError' end,\n           'message', format(\n             case worker_id\n               when $1 then 'Worker %s could not write down what came of attempt %s of %s'\n               else 'Worker %s was lost during attempt %s of %s'\n             end,\n             (select name from workers where id = worker_id), attempt, max_attempts\n           )\n         ) as loss,\n         parent_id, parent_seq\n  from tasks\n  where worker_id = any (array(select id from dead) || $1::bigint)\n    and not (worker_id = $1 and id = any ($3::bigint[]))\n  for update skip locked\n),\ninformed as (\n  select id\n  from tasks\n  where id = any (array(select parent_id from lost where next_status <> 'queued' and parent_seq is not null))\n  for no key update skip locked\n),\nfound as (\n  select *\n  from lost\n  where next_status = 'queued'\n     or parent_seq is null\n     or parent_id = any (array(select id from informed))\n),\nburied as (\n  delete from workers\n  where id = any (array(select id from dead))\n    and not exists (\n      select from tasks\n      where worker_id = workers.id\n        and not id = any (array(select id from found))\n    )\n),\nreclaimed as (\n  update tasks\n  set status = next_status,\n      attempt = attempt + case when next_status = 'queued' and not never_started then 1 else 0 end,\n      worker_id = null,\n      error = case next_status when 'failed' then loss end,\n      errors = case\n        when never_started then errors\n        else coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || loss)\n      end\n  from found\n  where tasks.id = found.id\n    and tasks.id = any (array(select id from found))  -- By key, whatever the planner believes of the table.\n  returning tasks.id, tasks.name, status, tasks.attempt, tasks.parent_seq,\n            case when never_started then 'The answer to a claim got lost' else loss ->> 'message' end as message\n)\nselect id, name, status, attempt, message as \"message!\",\n       (select tell_parents(array_agg(id)) from reclaimed where parent_seq is not null and status <> 'queued') as told\nfrom reclaimed"};

/**
 * Query generated from SQL:
 * ```
 * with dead as (
 *   select id
 *   from workers
 *   where lease_ends_at <= now()
 *   for update skip locked
 * ),
 * lost as (
 *   select id,
 *          case
 *            when cancel_requested_at is not null then 'cancelled'
 *            when worker_id = :workerId and not id = any (:unsaved!::bigint[]) then 'queued'
 *            when attempt < max_attempts then 'queued'
 *            else 'failed'
 *          end::task_status as next_status,
 *          worker_id = :workerId and not id = any (:unsaved!::bigint[]) as never_started,
 *          jsonb_build_object(
 *            'name', case worker_id when :workerId then 'OutcomeLostError' else 'WorkerLostError' end,
 *            'message', format(
 *              case worker_id
 *                when :workerId then 'Worker %s could not write down what came of attempt %s of %s'
 *                else 'Worker %s was lost during attempt %s of %s'
 *              end,
 *              (select name from workers where id = worker_id), attempt, max_attempts
 *            )
 *          ) as loss,
 *          parent_id, parent_seq
 *   from tasks
 *   where worker_id = any (array(select id from dead) || :workerId!::bigint)
 *     and not (worker_id = :workerId and id = any (:running!::bigint[]))
 *   for update skip locked
 * ),
 * informed as (
 *   select id
 *   from tasks
 *   where id = any (array(select parent_id from lost where next_status <> 'queued' and parent_seq is not null))
 *   for no key update skip locked
 * ),
 * found as (
 *   select *
 *   from lost
 *   where next_status = 'queued'
 *      or parent_seq is null
 *      or parent_id = any (array(select id from informed))
 * ),
 * buried as (
 *   delete from workers
 *   where id = any (array(select id from dead))
 *     and not exists (
 *       select from tasks
 *       where worker_id = workers.id
 *         and not id = any (array(select id from found))
 *     )
 * ),
 * reclaimed as (
 *   update tasks
 *   set status = next_status,
 *       attempt = attempt + case when next_status = 'queued' and not never_started then 1 else 0 end,
 *       worker_id = null,
 *       error = case next_status when 'failed' then loss end,
 *       errors = case
 *         when never_started then errors
 *         else coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || loss)
 *       end
 *   from found
 *   where tasks.id = found.id
 *     and tasks.id = any (array(select id from found))  -- By key, whatever the planner believes of the table.
 *   returning tasks.id, tasks.name, status, tasks.attempt, tasks.parent_seq,
 *             case when never_started then 'The answer to a claim got lost' else loss ->> 'message' end as message
 * )
 * select id, name, status, attempt, message as "message!",
 *        (select tell_parents(array_agg(id)) from reclaimed where parent_seq is not null and status <> 'queued') as told
 * from reclaimed
 * ```
 */
export const reclaimTasks = new PreparedQuery<ReclaimTasksParams,ReclaimTasksResult>(reclaimTasksIR);


/** 'ExpireTasks' parameters type */
export interface ExpireTasksParams {
  limit: NumberOrString;
}

/** 'ExpireTasks' return type */
export interface ExpireTasksResult {
  id: string;
  message: string;
  name: string;
  told: string | null;
}

/** 'ExpireTasks' query type */
export interface ExpireTasksQuery {
  params: ExpireTasksParams;
  result: ExpireTasksResult;
}

const expireTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with overdue as (\n  select id, parent_id, parent_seq, jsonb_build_object(\n    'name', 'StartTimeoutError',\n    'message', format(\n      'Nobody started it within %s ms; is there a worker that knows \"%s\", and has it room?',\n      round(extract(epoch from expires_at - run_at) * 1000), name\n    )\n  ) as lateness\n  from tasks\n  where status = 'queued'\n    and expires_at <= now()\n  order by expires_at\n  limit $1\n  for update skip locked\n),\ninformed as (\n  select id\n  from tasks\n  where id = any (array(select parent_id from overdue where parent_seq is not null))\n  for no key update skip locked\n),\nfound as (\n  select *\n  from overdue\n  where parent_seq is null\n     or parent_id = any (array(select id from informed))\n),\nexpired as (\n  update tasks\n  set status = 'failed',\n      error = lateness,\n      errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || lateness)\n  from found\n  where tasks.id = found.id\n    and tasks.id = any (array(select id from found))\n  returning tasks.id, tasks.name, tasks.parent_seq, lateness ->> 'message' as message\n)\nselect id, name, message as \"message!\",\n       (select tell_parents(array_agg(id)) from expired where parent_seq is not null) as told\nfrom expired"};

/**
 * Query generated from SQL:
 * ```
 * with overdue as (
 *   select id, parent_id, parent_seq, jsonb_build_object(
 *     'name', 'StartTimeoutError',
 *     'message', format(
 *       'Nobody started it within %s ms; is there a worker that knows "%s", and has it room?',
 *       round(extract(epoch from expires_at - run_at) * 1000), name
 *     )
 *   ) as lateness
 *   from tasks
 *   where status = 'queued'
 *     and expires_at <= now()
 *   order by expires_at
 *   limit :limit!
 *   for update skip locked
 * ),
 * informed as (
 *   select id
 *   from tasks
 *   where id = any (array(select parent_id from overdue where parent_seq is not null))
 *   for no key update skip locked
 * ),
 * found as (
 *   select *
 *   from overdue
 *   where parent_seq is null
 *      or parent_id = any (array(select id from informed))
 * ),
 * expired as (
 *   update tasks
 *   set status = 'failed',
 *       error = lateness,
 *       errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || lateness)
 *   from found
 *   where tasks.id = found.id
 *     and tasks.id = any (array(select id from found))
 *   returning tasks.id, tasks.name, tasks.parent_seq, lateness ->> 'message' as message
 * )
 * select id, name, message as "message!",
 *        (select tell_parents(array_agg(id)) from expired where parent_seq is not null) as told
 * from expired
 * ```
 */
export const expireTasks = new PreparedQuery<ExpireTasksParams,ExpireTasksResult>(expireTasksIR);


/** 'AbandonChildren' parameters type */
export interface AbandonChildrenParams {
  limit: NumberOrString;
  parentId?: NumberOrString | null | void;
}

/** 'AbandonChildren' return type */
export interface AbandonChildrenResult {
  attempt: number;
  called: string | null;
  id: string;
  name: string;
  parentId: string;
}

/** 'AbandonChildren' query type */
export interface AbandonChildrenQuery {
  params: AbandonChildrenParams;
  result: AbandonChildrenResult;
}

const abandonChildrenIR: any = {"usedParamSet":{"parentId":true,"limit":true},"params":[{"name":"parentId","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with left_behind as (\n  select child.id, child.parent_id, child.parent_seq\n  from tasks as parent\n  join tasks as child on child.parent_id = parent.id\n  where parent.open_children > 0\n    and parent.status in ('succeeded', 'failed', 'cancelled')\n    and parent.id = coalesce($1, parent.id)\n    and child.parent_seq is not null\n    and child.status in ('queued', 'running', 'suspended')\n  limit $2\n  for no key update of child skip locked\n),\nparents as (\n  select id\n  from tasks\n  where id = any (array(select parent_id from left_behind))\n    and status in ('succeeded', 'failed', 'cancelled')  -- It may go on by now.\n  for no key update skip locked\n),\nabandoned as (\n  select started.*,\n         row_number() over (partition by started.task_id order by left_behind.id) as nth,\n         count(*) over (partition by started.task_id) as total\n  from left_behind\n  join parents on parents.id = parent_id\n  join events as started on started.task_id = parent_id and started.seq = parent_seq\n),\ncounted as (\n  update tasks\n  set event_count = event_count + total,\n      open_children = open_children - total\n  from (select distinct task_id, total from abandoned) as totals\n  where tasks.id = totals.task_id\n  returning tasks.id, event_count\n),\nappended as (\n  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)\n  select task_id, event_count - total + nth, history, position, kind, name, input_hash, attempt, 'abandoned', child_id\n  from abandoned\n  join counted on counted.id = task_id\n)\nupdate tasks\nset status = case status when 'running' then status else 'cancelled' end,\n    cancel_requested_at = coalesce(cancel_requested_at, now()),\n    parent_seq = null\nwhere id = any (array(select child_id from abandoned))\nreturning id, name, attempt, parent_id as \"parent_id!\", tell_worker(worker_id) as called"};

/**
 * Query generated from SQL:
 * ```
 * with left_behind as (
 *   select child.id, child.parent_id, child.parent_seq
 *   from tasks as parent
 *   join tasks as child on child.parent_id = parent.id
 *   where parent.open_children > 0
 *     and parent.status in ('succeeded', 'failed', 'cancelled')
 *     and parent.id = coalesce(:parentId, parent.id)
 *     and child.parent_seq is not null
 *     and child.status in ('queued', 'running', 'suspended')
 *   limit :limit!
 *   for no key update of child skip locked
 * ),
 * parents as (
 *   select id
 *   from tasks
 *   where id = any (array(select parent_id from left_behind))
 *     and status in ('succeeded', 'failed', 'cancelled')  -- It may go on by now.
 *   for no key update skip locked
 * ),
 * abandoned as (
 *   select started.*,
 *          row_number() over (partition by started.task_id order by left_behind.id) as nth,
 *          count(*) over (partition by started.task_id) as total
 *   from left_behind
 *   join parents on parents.id = parent_id
 *   join events as started on started.task_id = parent_id and started.seq = parent_seq
 * ),
 * counted as (
 *   update tasks
 *   set event_count = event_count + total,
 *       open_children = open_children - total
 *   from (select distinct task_id, total from abandoned) as totals
 *   where tasks.id = totals.task_id
 *   returning tasks.id, event_count
 * ),
 * appended as (
 *   insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
 *   select task_id, event_count - total + nth, history, position, kind, name, input_hash, attempt, 'abandoned', child_id
 *   from abandoned
 *   join counted on counted.id = task_id
 * )
 * update tasks
 * set status = case status when 'running' then status else 'cancelled' end,
 *     cancel_requested_at = coalesce(cancel_requested_at, now()),
 *     parent_seq = null
 * where id = any (array(select child_id from abandoned))
 * returning id, name, attempt, parent_id as "parent_id!", tell_worker(worker_id) as called
 * ```
 */
export const abandonChildren = new PreparedQuery<AbandonChildrenParams,AbandonChildrenResult>(abandonChildrenIR);


/** 'ClaimTasks' parameters type */
export interface ClaimTasksParams {
  limit: number;
  names: stringArray;
  workerId: NumberOrString;
}

/** 'ClaimTasks' return type */
export interface ClaimTasksResult {
  attempt: number;
  eventCount: number;
  events: Json | null;
  fence: number;
  history: number;
  id: string;
  input: Json;
  maxAttempts: number;
  name: string;
  retriedSeq: number;
}

/** 'ClaimTasks' query type */
export interface ClaimTasksQuery {
  params: ClaimTasksParams;
  result: ClaimTasksResult;
}

const claimTasksIR: any = {"usedParamSet":{"names":true,"limit":true,"workerId":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with recursive lanes as (\n  select priority, name\n  from unnest(enum_range(null::task_priority)) as priority\n  -- For names and a limit in plain view Postgres would make a plan at each claim. Those of a sub-select it does not see.\n  cross join unnest((select $1::text[])) with ordinality as known (name, turn)\n  order by priority, turn\n),\nwaiting as (\n  -- The keys that have tasks waiting: one look into the index for a key, not for a task.\n  select known.name, next.concurrency_key\n  from unnest((select $1::text[])) as known (name)\n  cross join lateral (\n    select concurrency_key\n    from tasks\n    where status = 'queued'\n      and tasks.name = known.name\n      and concurrency_key is not null\n    order by concurrency_key\n    limit 1\n  ) as next\n  union all\n  select waiting.name, next.concurrency_key\n  from waiting\n  cross join lateral (\n    select concurrency_key\n    from tasks\n    where status = 'queued'\n      and tasks.name = waiting.name\n      and concurrency_key > waiting.concurrency_key\n    order by concurrency_key\n    limit 1\n  ) as next\n),\nwanted as (\n  -- The keys with room, those first whose tasks come first. Tasks of two names may wait for one key.\n  select concurrency_key\n  from (\n    select distinct on (concurrency_key) concurrency_key, priority, run_at, id\n    from waiting\n    cross join lateral (\n      select first.priority, first.run_at, first.id\n      from lanes\n      cross join lateral (\n        select tasks.priority, run_at, id\n        from tasks\n        where status = 'queued'\n          and tasks.name = lanes.name\n          and concurrency_key = waiting.concurrency_key\n          and tasks.priority = lanes.priority\n          and run_at <= now()\n          and (expires_at is null or expires_at > now())\n        order by run_at, id\n        limit 1\n      ) as first\n      where lanes.name = waiting.name\n      limit 1\n    ) as first_of_name\n    where (\n      select max_running\n      from concurrency_limits\n      where concurrency_limits.concurrency_key = waiting.concurrency_key\n    ) > (\n      select count(*)\n      from tasks\n      where tasks.concurrency_key = waiting.concurrency_key\n        and status = 'running'\n    )\n    order by concurrency_key, priority, run_at, id\n  ) as first_of_key\n  order by priority, run_at, id\n),\nopen as (\n  -- A claim of ten tasks needs no more than ten keys.\n  select key.concurrency_key, key.max_running\n  from wanted\n  cross join lateral (\n    select concurrency_key, max_running\n    from concurrency_limits\n    where concurrency_limits.concurrency_key = wanted.concurrency_key\n    for no key update skip locked  -- A key that another worker is claiming from is left to it.\n  ) as key\n  limit (select $2::int)\n),\nroom as (\n  -- Counted again under the lock: whoever held it before us has committed its tasks by now.\n  select concurrency_key, greatest(max_running - running_tasks(concurrency_key), 0) as free\n  from open\n),\nlimited as (\n  select next.id, next.priority, next.run_at\n  from room\n  cross join lateral (\n    select first.id, first.priority, first.run_at\n    from lanes\n    cross join lateral (\n      select id, tasks.priority, run_at\n      from tasks\n      where status = 'queued'\n        and tasks.name = lanes.name\n        and concurrency_key = room.concurrency_key\n        and tasks.priority = lanes.priority\n        and run_at <= now()\n        and (expires_at is null or expires_at > now())\n      order by run_at, id\n      limit least(room.free, $2)\n      for update skip locked\n    ) as first\n    order by priority, run_at, id\n    limit least(room.free, $2)\n  ) as next\n),\nunlimited as (\n  select next.id, next.priority, next.run_at\n  from lanes\n  cross join lateral (\n    select id, tasks.priority, run_at\n    from tasks\n    where status = 'queued'\n      and tasks.name = lanes.name\n      and concurrency_key is null\n      and tasks.priority = lanes.priority\n      and run_at <= now()\n      and (expires_at is null or expires_at > now())\n    order by run_at, id\n    limit (select $2::int)\n    for update skip locked  -- A row another worker is claiming is not ours to wait for.\n  ) as next\n  limit (select $2::int)\n),\ndue as (\n  select id, priority, run_at from limited\n  union all\n  select id, priority, run_at from unlimited\n  order by priority, run_at, id\n  limit (select $2::int)\n),\nclaimed as (\n  update tasks\n  set status = 'running',\n      worker_id = $3,\n      fence = fence + 1,\n      expires_at = null\n  where id = any (array(select id from due))\n    -- A lock is written down, so one is taken only for what there is to claim.\n    and exists (select from workers where id = $3 and exists (select from due) for key share)\n  returning id, name, input, fence, attempt, max_attempts, event_count, history, retried_seq, priority, run_at\n),\nnoted as (\n  -- Written only when it changes.\n  update workers\n  set has_room = (select count(*) from claimed) < $2\n  where id = $3\n    and has_room <> ((select count(*) from claimed) < $2)\n)\nselect id, name, input, fence, attempt, max_attempts, event_count, history, retried_seq,\n       case when event_count > 0 then event_log(id, history, 0) end as events\nfrom claimed\norder by priority, run_at, id"};

/**
 * Query generated from SQL:
 * ```
 * with recursive lanes as (
 *   select priority, name
 *   from unnest(enum_range(null::task_priority)) as priority
 *   -- For names and a limit in plain view Postgres would make a plan at each claim. Those of a sub-select it does not see.
 *   cross join unnest((select :names!::text[])) with ordinality as known (name, turn)
 *   order by priority, turn
 * ),
 * waiting as (
 *   -- The keys that have tasks waiting: one look into the index for a key, not for a task.
 *   select known.name, next.concurrency_key
 *   from unnest((select :names!::text[])) as known (name)
 *   cross join lateral (
 *     select concurrency_key
 *     from tasks
 *     where status = 'queued'
 *       and tasks.name = known.name
 *       and concurrency_key is not null
 *     order by concurrency_key
 *     limit 1
 *   ) as next
 *   union all
 *   select waiting.name, next.concurrency_key
 *   from waiting
 *   cross join lateral (
 *     select concurrency_key
 *     from tasks
 *     where status = 'queued'
 *       and tasks.name = waiting.name
 *       and concurrency_key > waiting.concurrency_key
 *     order by concurrency_key
 *     limit 1
 *   ) as next
 * ),
 * wanted as (
 *   -- The keys with room, those first whose tasks come first. Tasks of two names may wait for one key.
 *   select concurrency_key
 *   from (
 *     select distinct on (concurrency_key) concurrency_key, priority, run_at, id
 *     from waiting
 *     cross join lateral (
 *       select first.priority, first.run_at, first.id
 *       from lanes
 *       cross join lateral (
 *         select tasks.priority, run_at, id
 *         from tasks
 *         where status = 'queued'
 *           and tasks.name = lanes.name
 *           and concurrency_key = waiting.concurrency_key
 *           and tasks.priority = lanes.priority
 *           and run_at <= now()
 *           and (expires_at is null or expires_at > now())
 *         order by run_at, id
 *         limit 1
 *       ) as first
 *       where lanes.name = waiting.name
 *       limit 1
 *     ) as first_of_name
 *     where (
 *       select max_running
 *       from concurrency_limits
 *       where concurrency_limits.concurrency_key = waiting.concurrency_key
 *     ) > (
 *       select count(*)
 *       from tasks
 *       where tasks.concurrency_key = waiting.concurrency_key
 *         and status = 'running'
 *     )
 *     order by concurrency_key, priority, run_at, id
 *   ) as first_of_key
 *   order by priority, run_at, id
 * ),
 * open as (
 *   -- A claim of ten tasks needs no more than ten keys.
 *   select key.concurrency_key, key.max_running
 *   from wanted
 *   cross join lateral (
 *     select concurrency_key, max_running
 *     from concurrency_limits
 *     where concurrency_limits.concurrency_key = wanted.concurrency_key
 *     for no key update skip locked  -- A key that another worker is claiming from is left to it.
 *   ) as key
 *   limit (select :limit!::int)
 * ),
 * room as (
 *   -- Counted again under the lock: whoever held it before us has committed its tasks by now.
 *   select concurrency_key, greatest(max_running - running_tasks(concurrency_key), 0) as free
 *   from open
 * ),
 * limited as (
 *   select next.id, next.priority, next.run_at
 *   from room
 *   cross join lateral (
 *     select first.id, first.priority, first.run_at
 *     from lanes
 *     cross join lateral (
 *       select id, tasks.priority, run_at
 *       from tasks
 *       where status = 'queued'
 *         and tasks.name = lanes.name
 *         and concurrency_key = room.concurrency_key
 *         and tasks.priority = lanes.priority
 *         and run_at <= now()
 *         and (expires_at is null or expires_at > now())
 *       order by run_at, id
 *       limit least(room.free, :limit!)
 *       for update skip locked
 *     ) as first
 *     order by priority, run_at, id
 *     limit least(room.free, :limit!)
 *   ) as next
 * ),
 * unlimited as (
 *   select next.id, next.priority, next.run_at
 *   from lanes
 *   cross join lateral (
 *     select id, tasks.priority, run_at
 *     from tasks
 *     where status = 'queued'
 *       and tasks.name = lanes.name
 *       and concurrency_key is null
 *       and tasks.priority = lanes.priority
 *       and run_at <= now()
 *       and (expires_at is null or expires_at > now())
 *     order by run_at, id
 *     limit (select :limit!::int)
 *     for update skip locked  -- A row another worker is claiming is not ours to wait for.
 *   ) as next
 *   limit (select :limit!::int)
 * ),
 * due as (
 *   select id, priority, run_at from limited
 *   union all
 *   select id, priority, run_at from unlimited
 *   order by priority, run_at, id
 *   limit (select :limit!::int)
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running',
 *       worker_id = :workerId!,
 *       fence = fence + 1,
 *       expires_at = null
 *   where id = any (array(select id from due))
 *     -- A lock is written down, so one is taken only for what there is to claim.
 *     and exists (select from workers where id = :workerId! and exists (select from due) for key share)
 *   returning id, name, input, fence, attempt, max_attempts, event_count, history, retried_seq, priority, run_at
 * ),
 * noted as (
 *   -- Written only when it changes.
 *   update workers
 *   set has_room = (select count(*) from claimed) < :limit!
 *   where id = :workerId!
 *     and has_room <> ((select count(*) from claimed) < :limit!)
 * )
 * select id, name, input, fence, attempt, max_attempts, event_count, history, retried_seq,
 *        case when event_count > 0 then event_log(id, history, 0) end as events
 * from claimed
 * order by priority, run_at, id
 * ```
 */
export const claimTasks = new PreparedQuery<ClaimTasksParams,ClaimTasksResult>(claimTasksIR);


/** 'AppendEvent' parameters type */
export interface AppendEventParams {
  attempt: number;
  error?: string | null | void;
  fence: number;
  inputHash?: string | null | void;
  kind: call_kind;
  name: string;
  output?: string | null | void;
  position: number;
  status: call_status;
  taskId: NumberOrString;
}

/** 'AppendEvent' return type */
export interface AppendEventResult {
  output: Json | null;
  seq: number;
}

/** 'AppendEvent' query type */
export interface AppendEventQuery {
  params: AppendEventParams;
  result: AppendEventResult;
}

const appendEventIR: any = {"usedParamSet":{"taskId":true,"fence":true,"position":true,"kind":true,"name":true,"inputHash":true,"attempt":true,"status":true,"output":true,"error":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"kind","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"inputHash","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"output","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"error","required":false,"transform":{"type":"scalar"},"locs":[]}],"statement":"with counted as (\n  update tasks\n  set event_count = event_count + 1\n  where id = $1\n    and fence = $2\n    and status = 'running'\n  returning id, event_count, history\n)\ninsert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, output, error)\nselect id, event_count, history, $3, $4::call_kind, $5, $6, $7, $8::call_status,\n       case $4::call_kind when 'now' then to_json(clock_timestamp()) else $9::text::json end,\n       $10::text::json\nfrom counted\nreturning seq, case kind when 'now' then output end as output"};

/**
 * Query generated from SQL:
 * ```
 * with counted as (
 *   update tasks
 *   set event_count = event_count + 1
 *   where id = :taskId!
 *     and fence = :fence!
 *     and status = 'running'
 *   returning id, event_count, history
 * )
 * insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, output, error)
 * select id, event_count, history, :position!, :kind!::call_kind, :name!, :inputHash, :attempt!, :status!::call_status,
 *        case :kind!::call_kind when 'now' then to_json(clock_timestamp()) else :output::text::json end,
 *        :error::text::json
 * from counted
 * returning seq, case kind when 'now' then output end as output
 * ```
 */
export const appendEvent = new PreparedQuery<AppendEventParams,AppendEventResult>(appendEventIR);


/** 'AppendEvents' parameters type */
export interface AppendEventsParams {
  attempts: numberArray;
  errors: stringArray;
  fences: numberArray;
  inputHashes: stringArray;
  kinds: stringArray;
  names: stringArray;
  outputs: stringArray;
  positions: numberArray;
  statuses: stringArray;
  taskIds: NumberOrStringArray;
}

/** 'AppendEvents' return type */
export interface AppendEventsResult {
  nth: number;
  output: Json | null;
  seq: number;
}

/** 'AppendEvents' query type */
export interface AppendEventsQuery {
  params: AppendEventsParams;
  result: AppendEventsResult;
}

const appendEventsIR: any = {"usedParamSet":{"taskIds":true,"fences":true,"positions":true,"kinds":true,"names":true,"inputHashes":true,"attempts":true,"statuses":true,"outputs":true,"errors":true},"params":[{"name":"taskIds","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"positions","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"kinds","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"inputHashes","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"attempts","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"statuses","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"outputs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"errors","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select *\n  from unnest(\n    $1::bigint[],\n    $2::int[],\n    $3::int[],\n    $4::text[],\n    $5::text[],\n    $6::text[],\n    $7::int[],\n    $8::text[],\n    $9::text[],\n    $10::text[]\n  ) with ordinality as event (task_id, fence, position, kind, name, input_hash, attempt, status, output, error, nth)\n),\nheld as (\n  select claim.task_id, total\n  from (\n    select task_id, fence, count(*) as total\n    from wanted\n    group by task_id, fence\n  ) as claim\n  cross join lateral (\n    select id\n    from tasks\n    where id = claim.task_id\n      and fence = claim.fence\n      and status = 'running'\n    for no key update skip locked\n  ) as task\n),\ncounted as (\n  update tasks\n  set event_count = event_count + total\n  from held\n  where tasks.id = held.task_id\n    and tasks.id = any (array(select task_id from held))\n  returning tasks.id, tasks.fence, event_count - total as seq_before, history\n),\nnumbered as (\n  select wanted.*, (seq_before + row_number() over (partition by task_id order by nth))::int as seq, history,\n         case kind when 'now' then to_json(clock_timestamp()) end as time\n  from wanted\n  join counted on counted.id = task_id and counted.fence = wanted.fence\n),\nappended as (\n  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, output, error)\n  select task_id, seq, history, position, kind::call_kind, name, input_hash, attempt, status::call_status,\n         coalesce(time, output::json), error::json\n  from numbered\n)\nselect nth::int as \"nth!\", seq as \"seq!\", time as output\nfrom numbered"};

/**
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select *
 *   from unnest(
 *     :taskIds!::bigint[],
 *     :fences!::int[],
 *     :positions!::int[],
 *     :kinds!::text[],
 *     :names!::text[],
 *     :inputHashes!::text[],
 *     :attempts!::int[],
 *     :statuses!::text[],
 *     :outputs!::text[],
 *     :errors!::text[]
 *   ) with ordinality as event (task_id, fence, position, kind, name, input_hash, attempt, status, output, error, nth)
 * ),
 * held as (
 *   select claim.task_id, total
 *   from (
 *     select task_id, fence, count(*) as total
 *     from wanted
 *     group by task_id, fence
 *   ) as claim
 *   cross join lateral (
 *     select id
 *     from tasks
 *     where id = claim.task_id
 *       and fence = claim.fence
 *       and status = 'running'
 *     for no key update skip locked
 *   ) as task
 * ),
 * counted as (
 *   update tasks
 *   set event_count = event_count + total
 *   from held
 *   where tasks.id = held.task_id
 *     and tasks.id = any (array(select task_id from held))
 *   returning tasks.id, tasks.fence, event_count - total as seq_before, history
 * ),
 * numbered as (
 *   select wanted.*, (seq_before + row_number() over (partition by task_id order by nth))::int as seq, history,
 *          case kind when 'now' then to_json(clock_timestamp()) end as time
 *   from wanted
 *   join counted on counted.id = task_id and counted.fence = wanted.fence
 * ),
 * appended as (
 *   insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, output, error)
 *   select task_id, seq, history, position, kind::call_kind, name, input_hash, attempt, status::call_status,
 *          coalesce(time, output::json), error::json
 *   from numbered
 * )
 * select nth::int as "nth!", seq as "seq!", time as output
 * from numbered
 * ```
 */
export const appendEvents = new PreparedQuery<AppendEventsParams,AppendEventsResult>(appendEventsIR);


/** 'LockTask' parameters type */
export interface LockTaskParams {
  fence: number;
  taskId: NumberOrString;
}

/** 'LockTask' return type */
export interface LockTaskResult {
  id: string;
}

/** 'LockTask' query type */
export interface LockTaskQuery {
  params: LockTaskParams;
  result: LockTaskResult;
}

const lockTaskIR: any = {"usedParamSet":{"taskId":true,"fence":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select id\nfrom tasks\nwhere id = $1\n  and fence = $2\n  and status = 'running'\nfor no key update"};

/**
 * Query generated from SQL:
 * ```
 * select id
 * from tasks
 * where id = :taskId!
 *   and fence = :fence!
 *   and status = 'running'
 * for no key update
 * ```
 */
export const lockTask = new PreparedQuery<LockTaskParams,LockTaskResult>(lockTaskIR);


/** 'FindEvent' parameters type */
export interface FindEventParams {
  attempt: number;
  history: number;
  position: number;
  status: call_status;
  taskId: NumberOrString;
}

/** 'FindEvent' return type */
export interface FindEventResult {
  output: Json | null;
  seq: number;
}

/** 'FindEvent' query type */
export interface FindEventQuery {
  params: FindEventParams;
  result: FindEventResult;
}

const findEventIR: any = {"usedParamSet":{"taskId":true,"history":true,"position":true,"attempt":true,"status":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"history","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select seq, output\nfrom events\nwhere task_id = $1\n  and history = $2\n  and position = $3\n  and attempt = $4\n  and status = $5::call_status"};

/**
 * Query generated from SQL:
 * ```
 * select seq, output
 * from events
 * where task_id = :taskId!
 *   and history = :history!
 *   and position = :position!
 *   and attempt = :attempt!
 *   and status = :status!::call_status
 * ```
 */
export const findEvent = new PreparedQuery<FindEventParams,FindEventResult>(findEventIR);


/** 'StartChild' parameters type */
export interface StartChildParams {
  attempt: number;
  concurrencyKey?: string | null | void;
  fence: number;
  input: string;
  inputHash?: string | null | void;
  maxAttempts: number;
  name: string;
  position: number;
  priority?: task_priority | null | void;
  startTimeoutMs?: number | null | void;
  taskId: NumberOrString;
}

/** 'StartChild' return type */
export interface StartChildResult {
  called: string | null;
  seq: number;
}

/** 'StartChild' query type */
export interface StartChildQuery {
  params: StartChildParams;
  result: StartChildResult;
}

const startChildIR: any = {"usedParamSet":{"taskId":true,"fence":true,"name":true,"input":true,"concurrencyKey":true,"priority":true,"startTimeoutMs":true,"maxAttempts":true,"position":true,"inputHash":true,"attempt":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"input","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"concurrencyKey","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"priority","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"startTimeoutMs","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"maxAttempts","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"inputHash","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with parent as (\n  update tasks\n  set event_count = event_count + 1,\n      open_children = open_children + 1\n  where id = $1\n    and fence = $2\n    and status = 'running'\n  returning id, event_count, history, priority\n),\nchild as (\n  insert into tasks (\n    name, input, concurrency_key, priority, expires_at, max_attempts, parent_id, parent_seq\n  )\n  select $3, $4::text::jsonb, $5, coalesce($6::task_priority, priority),\n         now() + $7::float8 * interval '1 millisecond', $8, id, event_count\n  from parent\n  returning id\n)\ninsert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)\nselect parent.id, event_count, history, $9, 'child', $3, $10, $11, 'started', child.id\nfrom parent, child\nreturning seq, call_workers(name, 1) as called"};

/**
 * Query generated from SQL:
 * ```
 * with parent as (
 *   update tasks
 *   set event_count = event_count + 1,
 *       open_children = open_children + 1
 *   where id = :taskId!
 *     and fence = :fence!
 *     and status = 'running'
 *   returning id, event_count, history, priority
 * ),
 * child as (
 *   insert into tasks (
 *     name, input, concurrency_key, priority, expires_at, max_attempts, parent_id, parent_seq
 *   )
 *   select :name!, :input!::text::jsonb, :concurrencyKey, coalesce(:priority::task_priority, priority),
 *          now() + :startTimeoutMs::float8 * interval '1 millisecond', :maxAttempts!, id, event_count
 *   from parent
 *   returning id
 * )
 * insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
 * select parent.id, event_count, history, :position!, 'child', :name!, :inputHash, :attempt!, 'started', child.id
 * from parent, child
 * returning seq, call_workers(name, 1) as called
 * ```
 */
export const startChild = new PreparedQuery<StartChildParams,StartChildResult>(startChildIR);


/** 'StartChildren' parameters type */
export interface StartChildrenParams {
  attempts: numberArray;
  concurrencyKeys: stringArray;
  fences: numberArray;
  inputHashes: stringArray;
  inputs: stringArray;
  maxAttempts: numberArray;
  names: stringArray;
  positions: numberArray;
  priorities: stringArray;
  startTimeoutsMs: numberArray;
  taskIds: NumberOrStringArray;
}

/** 'StartChildren' return type */
export interface StartChildrenResult {
  called: string | null;
  nth: number;
  seq: number;
}

/** 'StartChildren' query type */
export interface StartChildrenQuery {
  params: StartChildrenParams;
  result: StartChildrenResult;
}

const startChildrenIR: any = {"usedParamSet":{"taskIds":true,"fences":true,"positions":true,"names":true,"inputHashes":true,"attempts":true,"inputs":true,"concurrencyKeys":true,"priorities":true,"startTimeoutsMs":true,"maxAttempts":true},"params":[{"name":"taskIds","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"positions","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"inputHashes","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"attempts","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"inputs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"concurrencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"priorities","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"startTimeoutsMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"maxAttempts","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select *, nextval(pg_get_serial_sequence('tasks', 'id')) as child_id\n  from unnest(\n    $1::bigint[],\n    $2::int[],\n    $3::int[],\n    $4::text[],\n    $5::text[],\n    $6::int[],\n    $7::text[],\n    $8::text[],\n    $9::text[],\n    $10::float8[],\n    $11::int[]\n  ) with ordinality as child (\n    task_id, fence, position, name, input_hash, attempt,\n    input, concurrency_key, own_priority, start_timeout_ms, max_attempts, nth\n  )\n  order by task_id, nth  -- The children of a task are claimed together, so that it is told of them together.\n),\nheld as (\n  select claim.task_id, total\n  from (\n    select task_id, fence, count(*) as total\n    from wanted\n    group by task_id, fence\n  ) as claim\n  cross join lateral (\n    select id\n    from tasks\n    where id = claim.task_id\n      and fence = claim.fence\n      and status = 'running'\n    for no key update skip locked\n  ) as task\n),\nparents as (\n  update tasks\n  set event_count = event_count + total,\n      open_children = open_children + total\n  from held\n  where tasks.id = held.task_id\n    and tasks.id = any (array(select task_id from held))\n  returning tasks.id, tasks.fence, event_count - total as seq_before, history, priority\n),\nnumbered as (\n  select wanted.*, (seq_before + row_number() over (partition by task_id order by nth))::int as seq, history, priority\n  from wanted\n  join parents on parents.id = task_id and parents.fence = wanted.fence\n),\nchildren as (\n  insert into tasks (\n    id, name, input, concurrency_key, priority, expires_at, max_attempts, parent_id, parent_seq\n  )\n  overriding system value\n  select child_id, name, input::jsonb, concurrency_key, coalesce(own_priority::task_priority, priority),\n         now() + start_timeout_ms * interval '1 millisecond', max_attempts, task_id, seq\n  from numbered\n),\ncalled as (\n  select call_workers(name, count(*))\n  from numbered\n  group by name\n),\nstarted as (\n  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)\n  select task_id, seq, history, position, 'child', name, input_hash, attempt, 'started', child_id\n  from numbered\n)\nselect nth::int as \"nth!\", seq as \"seq!\", (select count(*) from called) as called\nfrom numbered"};

/**
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select *, nextval(pg_get_serial_sequence('tasks', 'id')) as child_id
 *   from unnest(
 *     :taskIds!::bigint[],
 *     :fences!::int[],
 *     :positions!::int[],
 *     :names!::text[],
 *     :inputHashes!::text[],
 *     :attempts!::int[],
 *     :inputs!::text[],
 *     :concurrencyKeys!::text[],
 *     :priorities!::text[],
 *     :startTimeoutsMs!::float8[],
 *     :maxAttempts!::int[]
 *   ) with ordinality as child (
 *     task_id, fence, position, name, input_hash, attempt,
 *     input, concurrency_key, own_priority, start_timeout_ms, max_attempts, nth
 *   )
 *   order by task_id, nth  -- The children of a task are claimed together, so that it is told of them together.
 * ),
 * held as (
 *   select claim.task_id, total
 *   from (
 *     select task_id, fence, count(*) as total
 *     from wanted
 *     group by task_id, fence
 *   ) as claim
 *   cross join lateral (
 *     select id
 *     from tasks
 *     where id = claim.task_id
 *       and fence = claim.fence
 *       and status = 'running'
 *     for no key update skip locked
 *   ) as task
 * ),
 * parents as (
 *   update tasks
 *   set event_count = event_count + total,
 *       open_children = open_children + total
 *   from held
 *   where tasks.id = held.task_id
 *     and tasks.id = any (array(select task_id from held))
 *   returning tasks.id, tasks.fence, event_count - total as seq_before, history, priority
 * ),
 * numbered as (
 *   select wanted.*, (seq_before + row_number() over (partition by task_id order by nth))::int as seq, history, priority
 *   from wanted
 *   join parents on parents.id = task_id and parents.fence = wanted.fence
 * ),
 * children as (
 *   insert into tasks (
 *     id, name, input, concurrency_key, priority, expires_at, max_attempts, parent_id, parent_seq
 *   )
 *   overriding system value
 *   select child_id, name, input::jsonb, concurrency_key, coalesce(own_priority::task_priority, priority),
 *          now() + start_timeout_ms * interval '1 millisecond', max_attempts, task_id, seq
 *   from numbered
 * ),
 * called as (
 *   select call_workers(name, count(*))
 *   from numbered
 *   group by name
 * ),
 * started as (
 *   insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
 *   select task_id, seq, history, position, 'child', name, input_hash, attempt, 'started', child_id
 *   from numbered
 * )
 * select nth::int as "nth!", seq as "seq!", (select count(*) from called) as called
 * from numbered
 * ```
 */
export const startChildren = new PreparedQuery<StartChildrenParams,StartChildrenResult>(startChildrenIR);


/** 'ResumeChild' parameters type */
export interface ResumeChildParams {
  attempt: number;
  childId: NumberOrString;
  fence: number;
  inputHash?: string | null | void;
  name: string;
  position: number;
  startTimeoutMs?: number | null | void;
  taskId: NumberOrString;
}

/** 'ResumeChild' return type */
export interface ResumeChildResult {
  called: string | null;
  seq: number;
  told: string | null;
}

/** 'ResumeChild' query type */
export interface ResumeChildQuery {
  params: ResumeChildParams;
  result: ResumeChildResult;
}

const resumeChildIR: any = {"usedParamSet":{"childId":true,"taskId":true,"fence":true,"startTimeoutMs":true,"position":true,"name":true,"inputHash":true,"attempt":true},"params":[{"name":"childId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"startTimeoutMs","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"inputHash","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with held as (\n  select id\n  from tasks\n  where id = $1\n  for no key update\n),\nparent as (\n  update tasks\n  set event_count = event_count + 1,\n      open_children = open_children + 1\n  from held\n  where tasks.id = $2\n    and fence = $3\n    and status = 'running'\n  returning tasks.id, event_count, history\n),\nchild as (\n  update tasks\n  set parent_seq = parent.event_count,\n      cancel_requested_at = null,\n      status = case when status in ('failed', 'cancelled') then 'queued' else status end,\n      run_at = case when status in ('failed', 'cancelled') then now() else run_at end,\n      expires_at = case\n        when status in ('failed', 'cancelled') and fence = 0\n        then now() + $4::float8 * interval '1 millisecond'\n        else expires_at\n      end,\n      attempt = attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int,\n      max_attempts = greatest(max_attempts, attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int),\n      retried_seq = case when status in ('failed', 'cancelled') then tasks.event_count else retried_seq end,\n      error = null\n  from parent\n  where tasks.id = $1\n  returning tasks.id, tasks.name, status\n),\nstarted as (\n  insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)\n  select parent.id, event_count, history, $5, 'child', $6, $7, $8, 'started', child.id\n  from parent, child\n  returning seq\n)\nselect seq as \"seq!\", case status when 'succeeded' then tell_parents(array[id]) end as told,\n       case status when 'queued' then call_workers(name, 1) end as called\nfrom started, child"};

/**
 * Query generated from SQL:
 * ```
 * with held as (
 *   select id
 *   from tasks
 *   where id = :childId!
 *   for no key update
 * ),
 * parent as (
 *   update tasks
 *   set event_count = event_count + 1,
 *       open_children = open_children + 1
 *   from held
 *   where tasks.id = :taskId!
 *     and fence = :fence!
 *     and status = 'running'
 *   returning tasks.id, event_count, history
 * ),
 * child as (
 *   update tasks
 *   set parent_seq = parent.event_count,
 *       cancel_requested_at = null,
 *       status = case when status in ('failed', 'cancelled') then 'queued' else status end,
 *       run_at = case when status in ('failed', 'cancelled') then now() else run_at end,
 *       expires_at = case
 *         when status in ('failed', 'cancelled') and fence = 0
 *         then now() + :startTimeoutMs::float8 * interval '1 millisecond'
 *         else expires_at
 *       end,
 *       attempt = attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int,
 *       max_attempts = greatest(max_attempts, attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int),
 *       retried_seq = case when status in ('failed', 'cancelled') then tasks.event_count else retried_seq end,
 *       error = null
 *   from parent
 *   where tasks.id = :childId!
 *   returning tasks.id, tasks.name, status
 * ),
 * started as (
 *   insert into events (task_id, seq, history, position, kind, name, input_hash, attempt, status, child_id)
 *   select parent.id, event_count, history, :position!, 'child', :name!, :inputHash, :attempt!, 'started', child.id
 *   from parent, child
 *   returning seq
 * )
 * select seq as "seq!", case status when 'succeeded' then tell_parents(array[id]) end as told,
 *        case status when 'queued' then call_workers(name, 1) end as called
 * from started, child
 * ```
 */
export const resumeChild = new PreparedQuery<ResumeChildParams,ResumeChildResult>(resumeChildIR);


/** 'SuspendTask' parameters type */
export interface SuspendTaskParams {
  fence: number;
  seen: number;
  taskId: NumberOrString;
}

/** 'SuspendTask' return type */
export interface SuspendTaskResult {
  events: Json | null;
  isCancelled: boolean;
  isSuspended: boolean;
}

/** 'SuspendTask' query type */
export interface SuspendTaskQuery {
  params: SuspendTaskParams;
  result: SuspendTaskResult;
}

const suspendTaskIR: any = {"usedParamSet":{"seen":true,"taskId":true,"fence":true},"params":[{"name":"seen","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with seen as (\n  select id, event_count = $1 and cancel_requested_at is null as is_all\n  from tasks\n  where id = $2\n    and fence = $3\n    and status = 'running'\n  for no key update\n)\nupdate tasks\nset status = case when is_all then 'suspended' else status end,\n    worker_id = case when is_all then null else worker_id end\nfrom seen\nwhere tasks.id = seen.id\nreturning is_all as \"is_suspended!\", cancel_requested_at is not null as \"is_cancelled!\",\n          case when event_count > $1 then event_log(tasks.id, history, $1) end as events"};

/**
 * Query generated from SQL:
 * ```
 * with seen as (
 *   select id, event_count = :seen! and cancel_requested_at is null as is_all
 *   from tasks
 *   where id = :taskId!
 *     and fence = :fence!
 *     and status = 'running'
 *   for no key update
 * )
 * update tasks
 * set status = case when is_all then 'suspended' else status end,
 *     worker_id = case when is_all then null else worker_id end
 * from seen
 * where tasks.id = seen.id
 * returning is_all as "is_suspended!", cancel_requested_at is not null as "is_cancelled!",
 *           case when event_count > :seen! then event_log(tasks.id, history, :seen!) end as events
 * ```
 */
export const suspendTask = new PreparedQuery<SuspendTaskParams,SuspendTaskResult>(suspendTaskIR);


/** 'SuspendTasks' parameters type */
export interface SuspendTasksParams {
  fences: numberArray;
  seen: numberArray;
  taskIds: NumberOrStringArray;
}

/** 'SuspendTasks' return type */
export interface SuspendTasksResult {
  events: Json | null;
  isCancelled: boolean;
  isSuspended: boolean;
  nth: number;
}

/** 'SuspendTasks' query type */
export interface SuspendTasksQuery {
  params: SuspendTasksParams;
  result: SuspendTasksResult;
}

const suspendTasksIR: any = {"usedParamSet":{"taskIds":true,"fences":true,"seen":true},"params":[{"name":"taskIds","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"seen","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select *\n  from unnest(\n    $1::bigint[],\n    $2::int[],\n    $3::int[]\n  ) with ordinality as wanted (task_id, fence, seen, nth)\n),\nheld as (\n  select wanted.task_id, nth, seen, is_all\n  from wanted\n  cross join lateral (\n    select event_count = seen and cancel_requested_at is null as is_all\n    from tasks\n    where id = wanted.task_id\n      and fence = wanted.fence\n      and status = 'running'\n    for no key update skip locked\n  ) as task\n)\nupdate tasks\nset status = case when is_all then 'suspended' else status end,\n    worker_id = case when is_all then null else worker_id end\nfrom held\nwhere tasks.id = held.task_id\n  and tasks.id = any (array(select task_id from held))\nreturning nth::int as \"nth!\", is_all as \"is_suspended!\", cancel_requested_at is not null as \"is_cancelled!\",\n          case when event_count > seen then event_log(tasks.id, history, seen) end as events"};

/**
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select *
 *   from unnest(
 *     :taskIds!::bigint[],
 *     :fences!::int[],
 *     :seen!::int[]
 *   ) with ordinality as wanted (task_id, fence, seen, nth)
 * ),
 * held as (
 *   select wanted.task_id, nth, seen, is_all
 *   from wanted
 *   cross join lateral (
 *     select event_count = seen and cancel_requested_at is null as is_all
 *     from tasks
 *     where id = wanted.task_id
 *       and fence = wanted.fence
 *       and status = 'running'
 *     for no key update skip locked
 *   ) as task
 * )
 * update tasks
 * set status = case when is_all then 'suspended' else status end,
 *     worker_id = case when is_all then null else worker_id end
 * from held
 * where tasks.id = held.task_id
 *   and tasks.id = any (array(select task_id from held))
 * returning nth::int as "nth!", is_all as "is_suspended!", cancel_requested_at is not null as "is_cancelled!",
 *           case when event_count > seen then event_log(tasks.id, history, seen) end as events
 * ```
 */
export const suspendTasks = new PreparedQuery<SuspendTasksParams,SuspendTasksResult>(suspendTasksIR);


/** 'ReadNews' parameters type */
export interface ReadNewsParams {
  fence: number;
  seen: number;
  taskId: NumberOrString;
}

/** 'ReadNews' return type */
export interface ReadNewsResult {
  events: Json | null;
}

/** 'ReadNews' query type */
export interface ReadNewsQuery {
  params: ReadNewsParams;
  result: ReadNewsResult;
}

const readNewsIR: any = {"usedParamSet":{"seen":true,"taskId":true,"fence":true},"params":[{"name":"seen","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select event_log(id, history, $1) as events\nfrom tasks\nwhere id = $2\n  and fence = $3\n  and status = 'running'"};

/**
 * Query generated from SQL:
 * ```
 * select event_log(id, history, :seen!) as events
 * from tasks
 * where id = :taskId!
 *   and fence = :fence!
 *   and status = 'running'
 * ```
 */
export const readNews = new PreparedQuery<ReadNewsParams,ReadNewsResult>(readNewsIR);


/** 'SucceedTask' parameters type */
export interface SucceedTaskParams {
  fence: number;
  id: NumberOrString;
  output: string;
}

/** 'SucceedTask' return type */
export interface SucceedTaskResult {
  id: string;
  told: string | null;
}

/** 'SucceedTask' query type */
export interface SucceedTaskQuery {
  params: SucceedTaskParams;
  result: SucceedTaskResult;
}

const succeedTaskIR: any = {"usedParamSet":{"output":true,"id":true,"fence":true},"params":[{"name":"output","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'succeeded',\n    worker_id = null,\n    output = $1::text::jsonb\nwhere id = $2\n  and fence = $3\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id, case when parent_seq is not null then tell_parents(array[id]) end as told"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'succeeded',
 *     worker_id = null,
 *     output = :output!::text::jsonb
 * where id = :id!
 *   and fence = :fence!
 *   and status = 'running'
 *   and cancel_requested_at is null
 * returning id, case when parent_seq is not null then tell_parents(array[id]) end as told
 * ```
 */
export const succeedTask = new PreparedQuery<SucceedTaskParams,SucceedTaskResult>(succeedTaskIR);


/** 'SucceedTasks' parameters type */
export interface SucceedTasksParams {
  fences: numberArray;
  ids: NumberOrStringArray;
  outputs: stringArray;
}

/** 'SucceedTasks' return type */
export interface SucceedTasksResult {
  nth: number;
  told: string | null;
}

/** 'SucceedTasks' query type */
export interface SucceedTasksQuery {
  params: SucceedTasksParams;
  result: SucceedTasksResult;
}

const succeedTasksIR: any = {"usedParamSet":{"ids":true,"fences":true,"outputs":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"outputs","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with ended as (\n  select *\n  from unnest(\n    $1::bigint[],\n    $2::int[],\n    $3::text[]\n  ) with ordinality as ended (id, fence, output, nth)\n),\nheld as (\n  select ended.id, nth, output, parent_id, parent_seq\n  from ended\n  cross join lateral (\n    select parent_id, parent_seq\n    from tasks\n    where tasks.id = ended.id\n      and tasks.fence = ended.fence\n      and status = 'running'\n      and cancel_requested_at is null\n    for no key update skip locked\n  ) as task\n),\ninformed as (\n  select id\n  from tasks\n  where id = any (array(select parent_id from held where parent_seq is not null))\n  for no key update skip locked\n),\nfound as (\n  select id, nth, output\n  from held\n  where parent_seq is null\n     or parent_id = any (array(select id from informed))\n),\nsucceeded as (\n  update tasks\n  set status = 'succeeded',\n      worker_id = null,\n      output = found.output::jsonb\n  from found\n  where tasks.id = found.id\n    and tasks.id = any (array(select id from found))\n  returning tasks.id, nth, parent_seq\n)\nselect nth::int as \"nth!\",\n       (select tell_parents(array_agg(id)) from succeeded where parent_seq is not null having count(*) > 0) as told\nfrom succeeded"};

/**
 * Query generated from SQL:
 * ```
 * with ended as (
 *   select *
 *   from unnest(
 *     :ids!::bigint[],
 *     :fences!::int[],
 *     :outputs!::text[]
 *   ) with ordinality as ended (id, fence, output, nth)
 * ),
 * held as (
 *   select ended.id, nth, output, parent_id, parent_seq
 *   from ended
 *   cross join lateral (
 *     select parent_id, parent_seq
 *     from tasks
 *     where tasks.id = ended.id
 *       and tasks.fence = ended.fence
 *       and status = 'running'
 *       and cancel_requested_at is null
 *     for no key update skip locked
 *   ) as task
 * ),
 * informed as (
 *   select id
 *   from tasks
 *   where id = any (array(select parent_id from held where parent_seq is not null))
 *   for no key update skip locked
 * ),
 * found as (
 *   select id, nth, output
 *   from held
 *   where parent_seq is null
 *      or parent_id = any (array(select id from informed))
 * ),
 * succeeded as (
 *   update tasks
 *   set status = 'succeeded',
 *       worker_id = null,
 *       output = found.output::jsonb
 *   from found
 *   where tasks.id = found.id
 *     and tasks.id = any (array(select id from found))
 *   returning tasks.id, nth, parent_seq
 * )
 * select nth::int as "nth!",
 *        (select tell_parents(array_agg(id)) from succeeded where parent_seq is not null having count(*) > 0) as told
 * from succeeded
 * ```
 */
export const succeedTasks = new PreparedQuery<SucceedTasksParams,SucceedTasksResult>(succeedTasksIR);


/** 'FailTask' parameters type */
export interface FailTaskParams {
  error: string;
  fence: number;
  id: NumberOrString;
}

/** 'FailTask' return type */
export interface FailTaskResult {
  id: string;
  told: string | null;
}

/** 'FailTask' query type */
export interface FailTaskQuery {
  params: FailTaskParams;
  result: FailTaskResult;
}

const failTaskIR: any = {"usedParamSet":{"error":true,"id":true,"fence":true},"params":[{"name":"error","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'failed',\n    worker_id = null,\n    error = $1::text::jsonb,\n    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || $1::text::jsonb)\nwhere id = $2\n  and fence = $3\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id, case when parent_seq is not null then tell_parents(array[id]) end as told"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'failed',
 *     worker_id = null,
 *     error = :error!::text::jsonb,
 *     errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || :error!::text::jsonb)
 * where id = :id!
 *   and fence = :fence!
 *   and status = 'running'
 *   and cancel_requested_at is null
 * returning id, case when parent_seq is not null then tell_parents(array[id]) end as told
 * ```
 */
export const failTask = new PreparedQuery<FailTaskParams,FailTaskResult>(failTaskIR);


/** 'RetryTask' parameters type */
export interface RetryTaskParams {
  delayMs: number;
  error: string;
  fence: number;
  id: NumberOrString;
}

/** 'RetryTask' return type */
export interface RetryTaskResult {
  id: string;
}

/** 'RetryTask' query type */
export interface RetryTaskQuery {
  params: RetryTaskParams;
  result: RetryTaskResult;
}

const retryTaskIR: any = {"usedParamSet":{"delayMs":true,"error":true,"id":true,"fence":true},"params":[{"name":"delayMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"error","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'queued',\n    attempt = attempt + 1,\n    run_at = now() + $1::float8 * interval '1 millisecond',\n    retried_seq = event_count,\n    worker_id = null,\n    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || $2::text::jsonb)\nwhere id = $3\n  and fence = $4\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'queued',
 *     attempt = attempt + 1,
 *     run_at = now() + :delayMs!::float8 * interval '1 millisecond',
 *     retried_seq = event_count,
 *     worker_id = null,
 *     errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || :error!::text::jsonb)
 * where id = :id!
 *   and fence = :fence!
 *   and status = 'running'
 *   and cancel_requested_at is null
 * returning id
 * ```
 */
export const retryTask = new PreparedQuery<RetryTaskParams,RetryTaskResult>(retryTaskIR);


/** 'HandBackTask' parameters type */
export interface HandBackTaskParams {
  fence: number;
  id: NumberOrString;
}

/** 'HandBackTask' return type */
export interface HandBackTaskResult {
  called: string | null;
  id: string;
}

/** 'HandBackTask' query type */
export interface HandBackTaskQuery {
  params: HandBackTaskParams;
  result: HandBackTaskResult;
}

const handBackTaskIR: any = {"usedParamSet":{"id":true,"fence":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'queued',\n    worker_id = null\nwhere id = $1\n  and fence = $2\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id, call_workers(name, 2) as called"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'queued',
 *     worker_id = null
 * where id = :id!
 *   and fence = :fence!
 *   and status = 'running'
 *   and cancel_requested_at is null
 * returning id, call_workers(name, 2) as called
 * ```
 */
export const handBackTask = new PreparedQuery<HandBackTaskParams,HandBackTaskResult>(handBackTaskIR);


/** 'EndCancelledTask' parameters type */
export interface EndCancelledTaskParams {
  fence: number;
  id: NumberOrString;
}

/** 'EndCancelledTask' return type */
export interface EndCancelledTaskResult {
  id: string;
  told: string | null;
}

/** 'EndCancelledTask' query type */
export interface EndCancelledTaskQuery {
  params: EndCancelledTaskParams;
  result: EndCancelledTaskResult;
}

const endCancelledTaskIR: any = {"usedParamSet":{"id":true,"fence":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'cancelled',\n    worker_id = null\nwhere id = $1\n  and fence = $2\n  and status = 'running'\n  and cancel_requested_at is not null\nreturning id, case when parent_seq is not null then tell_parents(array[id]) end as told"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'cancelled',
 *     worker_id = null
 * where id = :id!
 *   and fence = :fence!
 *   and status = 'running'
 *   and cancel_requested_at is not null
 * returning id, case when parent_seq is not null then tell_parents(array[id]) end as told
 * ```
 */
export const endCancelledTask = new PreparedQuery<EndCancelledTaskParams,EndCancelledTaskResult>(endCancelledTaskIR);


/** 'DeleteWorker' parameters type */
export interface DeleteWorkerParams {
  workerId: NumberOrString;
}

/** 'DeleteWorker' return type */
export type DeleteWorkerResult = void;

/** 'DeleteWorker' query type */
export interface DeleteWorkerQuery {
  params: DeleteWorkerParams;
  result: DeleteWorkerResult;
}

const deleteWorkerIR: any = {"usedParamSet":{"workerId":true},"params":[{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"delete from workers\nwhere id = $1"};

/**
 * Query generated from SQL:
 * ```
 * delete from workers
 * where id = :workerId!
 * ```
 */
export const deleteWorker = new PreparedQuery<DeleteWorkerParams,DeleteWorkerResult>(deleteWorkerIR);


/** 'CancelTask' parameters type */
export interface CancelTaskParams {
  id: NumberOrString;
}

/** 'CancelTask' return type */
export interface CancelTaskResult {
  called: string | null;
  id: string;
  told: string | null;
}

/** 'CancelTask' query type */
export interface CancelTaskQuery {
  params: CancelTaskParams;
  result: CancelTaskResult;
}

const cancelTaskIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = case when status in ('queued', 'suspended') then 'cancelled' else status end,\n    cancel_requested_at = coalesce(cancel_requested_at, now())\nwhere id = $1\n  and status in ('queued', 'running', 'suspended')\nreturning id, tell_worker(worker_id) as called,\n          case when parent_seq is not null and status = 'cancelled' then tell_parents(array[id]) end as told"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = case when status in ('queued', 'suspended') then 'cancelled' else status end,
 *     cancel_requested_at = coalesce(cancel_requested_at, now())
 * where id = :id!
 *   and status in ('queued', 'running', 'suspended')
 * returning id, tell_worker(worker_id) as called,
 *           case when parent_seq is not null and status = 'cancelled' then tell_parents(array[id]) end as told
 * ```
 */
export const cancelTask = new PreparedQuery<CancelTaskParams,CancelTaskResult>(cancelTaskIR);


/** 'RetryFailedTask' parameters type */
export interface RetryFailedTaskParams {
  id: NumberOrString;
}

/** 'RetryFailedTask' return type */
export interface RetryFailedTaskResult {
  called: string | null;
  id: string;
}

/** 'RetryFailedTask' query type */
export interface RetryFailedTaskQuery {
  params: RetryFailedTaskParams;
  result: RetryFailedTaskResult;
}

const retryFailedTaskIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'queued',\n    run_at = now(),\n    expires_at = null,\n    attempt = attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int,\n    max_attempts = greatest(max_attempts, attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int),\n    retried_seq = event_count,\n    parent_seq = null,\n    cancel_requested_at = null,\n    error = null\nwhere id = $1\n  and status in ('failed', 'cancelled')\nreturning id, call_workers(name, 1) as called"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'queued',
 *     run_at = now(),
 *     expires_at = null,
 *     attempt = attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int,
 *     max_attempts = greatest(max_attempts, attempt + (status = 'failed' and error ->> 'name' <> 'NonDeterminismError')::int),
 *     retried_seq = event_count,
 *     parent_seq = null,
 *     cancel_requested_at = null,
 *     error = null
 * where id = :id!
 *   and status in ('failed', 'cancelled')
 * returning id, call_workers(name, 1) as called
 * ```
 */
export const retryFailedTask = new PreparedQuery<RetryFailedTaskParams,RetryFailedTaskResult>(retryFailedTaskIR);


/** 'ReplayTask' parameters type */
export interface ReplayTaskParams {
  id: NumberOrString;
}

/** 'ReplayTask' return type */
export interface ReplayTaskResult {
  called: string | null;
  id: string;
}

/** 'ReplayTask' query type */
export interface ReplayTaskQuery {
  params: ReplayTaskParams;
  result: ReplayTaskResult;
}

const replayTaskIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'queued',\n    run_at = now(),\n    expires_at = null,\n    attempt = 1,\n    history = history + 1,\n    retried_seq = event_count,\n    parent_seq = null,\n    cancel_requested_at = null,\n    output = null,\n    error = null,\n    errors = null\nwhere id = $1\n  and status in ('succeeded', 'failed', 'cancelled')\n  and open_children = 0\nreturning id, call_workers(name, 1) as called"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'queued',
 *     run_at = now(),
 *     expires_at = null,
 *     attempt = 1,
 *     history = history + 1,
 *     retried_seq = event_count,
 *     parent_seq = null,
 *     cancel_requested_at = null,
 *     output = null,
 *     error = null,
 *     errors = null
 * where id = :id!
 *   and status in ('succeeded', 'failed', 'cancelled')
 *   and open_children = 0
 * returning id, call_workers(name, 1) as called
 * ```
 */
export const replayTask = new PreparedQuery<ReplayTaskParams,ReplayTaskResult>(replayTaskIR);


/** 'ReadTask' parameters type */
export interface ReadTaskParams {
  id: NumberOrString;
}

/** 'ReadTask' return type */
export interface ReadTaskResult {
  error: Json | null;
  output: Json | null;
  status: task_status;
}

/** 'ReadTask' query type */
export interface ReadTaskQuery {
  params: ReadTaskParams;
  result: ReadTaskResult;
}

const readTaskIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select status, output, error\nfrom tasks\nwhere id = $1"};

/**
 * Query generated from SQL:
 * ```
 * select status, output, error
 * from tasks
 * where id = :id!
 * ```
 */
export const readTask = new PreparedQuery<ReadTaskParams,ReadTaskResult>(readTaskIR);


