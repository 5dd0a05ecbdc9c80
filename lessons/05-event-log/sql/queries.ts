// Made from queries.sql by `pnpm typegen`; fingerprint 0563939d63008818
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type call_kind = 'step' | 'transaction';

export type call_status = 'failed' | 'reopened' | 'retried' | 'succeeded';

export type task_status = 'cancelled' | 'failed' | 'queued' | 'running' | 'succeeded';

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
  maxAttempts: number;
  name: string;
  tasks: string;
}

/** 'InsertTasks' return type */
export interface InsertTasksResult {
  id: string | null;
  unknownKey: string | null;
}

/** 'InsertTasks' query type */
export interface InsertTasksQuery {
  params: InsertTasksParams;
  result: InsertTasksResult;
}

const insertTasksIR: any = {"usedParamSet":{"tasks":true,"name":true,"maxAttempts":true},"params":[{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"maxAttempts","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*\n  from json_to_recordset($1::text::json) as task (\n    input text,\n    concurrency_key text,\n    idempotency_key text,\n    queue text,\n    priority task_priority,\n    run_at timestamptz,\n    delay_ms float8\n  )\n),\nunknown as (\n  select concurrency_key\n  from wanted\n  where concurrency_key is not null\n    and (\n      -- Not \"not exists\": as an anti-join it may read all limits.\n      select max_running\n      from concurrency_limits\n      where concurrency_limits.concurrency_key = wanted.concurrency_key\n    ) is null\n),\ninserted as (\n  insert into tasks (id, name, input, concurrency_key, idempotency_key, queue, priority, run_at, max_attempts)\n  overriding system value\n  select id, $2, input::payload, concurrency_key, idempotency_key, queue, priority,\n         -- now() is the start of the transaction, which may have been long ago.\n         coalesce(run_at, statement_timestamp() + delay_ms * interval '1 millisecond'),\n         $3\n  from wanted\n  where not exists (select from unknown)\n  order by idempotency_key, id\n  on conflict (name, idempotency_key) where idempotency_key is not null do nothing\n  returning id\n)\nselect inserted.id as \"id?\", (select min(concurrency_key) from unknown) as unknown_key\nfrom wanted\nleft join inserted using (id)\norder by wanted.id"};

/**
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*
 *   from json_to_recordset(:tasks!::text::json) as task (
 *     input text,
 *     concurrency_key text,
 *     idempotency_key text,
 *     queue text,
 *     priority task_priority,
 *     run_at timestamptz,
 *     delay_ms float8
 *   )
 * ),
 * unknown as (
 *   select concurrency_key
 *   from wanted
 *   where concurrency_key is not null
 *     and (
 *       -- Not "not exists": as an anti-join it may read all limits.
 *       select max_running
 *       from concurrency_limits
 *       where concurrency_limits.concurrency_key = wanted.concurrency_key
 *     ) is null
 * ),
 * inserted as (
 *   insert into tasks (id, name, input, concurrency_key, idempotency_key, queue, priority, run_at, max_attempts)
 *   overriding system value
 *   select id, :name!, input::payload, concurrency_key, idempotency_key, queue, priority,
 *          -- now() is the start of the transaction, which may have been long ago.
 *          coalesce(run_at, statement_timestamp() + delay_ms * interval '1 millisecond'),
 *          :maxAttempts!
 *   from wanted
 *   where not exists (select from unknown)
 *   order by idempotency_key, id
 *   on conflict (name, idempotency_key) where idempotency_key is not null do nothing
 *   returning id
 * )
 * select inserted.id as "id?", (select min(concurrency_key) from unknown) as unknown_key
 * from wanted
 * left join inserted using (id)
 * order by wanted.id
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


/** 'InsertWorker' parameters type */
export interface InsertWorkerParams {
  leaseMs: number;
  name: string;
}

/** 'InsertWorker' return type */
export interface InsertWorkerResult {
  id: string;
}

/** 'InsertWorker' query type */
export interface InsertWorkerQuery {
  params: InsertWorkerParams;
  result: InsertWorkerResult;
}

const insertWorkerIR: any = {"usedParamSet":{"name":true,"leaseMs":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"leaseMs","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into workers (name, lease_expires_at)\nvalues ($1, now() + $2::float8 * interval '1 millisecond')\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * insert into workers (name, lease_expires_at)
 * values (:name!, now() + :leaseMs!::float8 * interval '1 millisecond')
 * returning id
 * ```
 */
export const insertWorker = new PreparedQuery<InsertWorkerParams,InsertWorkerResult>(insertWorkerIR);


/** 'Heartbeat' parameters type */
export interface HeartbeatParams {
  leaseMs: number;
  workerId: NumberOrString;
}

/** 'Heartbeat' return type */
export interface HeartbeatResult {
  fence: number;
  hasLimits: boolean;
  id: string;
  isCancelled: boolean;
}

/** 'Heartbeat' query type */
export interface HeartbeatQuery {
  params: HeartbeatParams;
  result: HeartbeatResult;
}

const heartbeatIR: any = {"usedParamSet":{"leaseMs":true,"workerId":true},"params":[{"name":"leaseMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with renewed as (\n  update workers\n  set lease_expires_at = now() + $1::float8 * interval '1 millisecond'\n  where id = $2\n  returning id\n)\nselect tasks.id, tasks.fence, cancel_requested_at is not null as \"is_cancelled!\",\n       exists (select from concurrency_limits) as \"has_limits!\"\nfrom renewed\nleft join tasks on tasks.worker_id = renewed.id"};

/**
 * Query generated from SQL:
 * ```
 * with renewed as (
 *   update workers
 *   set lease_expires_at = now() + :leaseMs!::float8 * interval '1 millisecond'
 *   where id = :workerId!
 *   returning id
 * )
 * select tasks.id, tasks.fence, cancel_requested_at is not null as "is_cancelled!",
 *        exists (select from concurrency_limits) as "has_limits!"
 * from renewed
 * left join tasks on tasks.worker_id = renewed.id
 * ```
 */
export const heartbeat = new PreparedQuery<HeartbeatParams,HeartbeatResult>(heartbeatIR);


/** 'RequeueTasks' parameters type */
export interface RequeueTasksParams {
  fences: numberArray;
  ids: NumberOrStringArray;
  workerId: NumberOrString;
}

/** 'RequeueTasks' return type */
export interface RequeueTasksResult {
  id: string;
  name: string;
}

/** 'RequeueTasks' query type */
export interface RequeueTasksQuery {
  params: RequeueTasksParams;
  result: RequeueTasksResult;
}

const requeueTasksIR: any = {"usedParamSet":{"ids":true,"fences":true,"workerId":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fences","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with held as (\n  select id\n  from tasks\n  where id = any ($1::bigint[])\n    and (id, fence) in (select * from unnest($1::bigint[], $2::int[]))\n    and worker_id = $3\n  for update skip locked  -- A heartbeat must not wait for a row that a user's transaction has locked.\n)\nupdate tasks\nset status = 'queued',\n    worker_id = null\nwhere id = any (array(select id from held))\nreturning id, name"};

/**
 * Query generated from SQL:
 * ```
 * with held as (
 *   select id
 *   from tasks
 *   where id = any (:ids!::bigint[])
 *     and (id, fence) in (select * from unnest(:ids!::bigint[], :fences!::int[]))
 *     and worker_id = :workerId!
 *   for update skip locked  -- A heartbeat must not wait for a row that a user's transaction has locked.
 * )
 * update tasks
 * set status = 'queued',
 *     worker_id = null
 * where id = any (array(select id from held))
 * returning id, name
 * ```
 */
export const requeueTasks = new PreparedQuery<RequeueTasksParams,RequeueTasksResult>(requeueTasksIR);


/** 'ReclaimTasks' parameters type */
export type ReclaimTasksParams = void;

/** 'ReclaimTasks' return type */
export interface ReclaimTasksResult {
  id: string;
  name: string;
}

/** 'ReclaimTasks' query type */
export interface ReclaimTasksQuery {
  params: ReclaimTasksParams;
  result: ReclaimTasksResult;
}

const reclaimTasksIR: any = {"usedParamSet":{},"params":[],"statement":"with expired as (\n  select id\n  from workers\n  where lease_expires_at <= now()\n  for update skip locked\n),\ndeleted as (\n  delete from workers\n  where id = any (array(select id from expired))\n    and not exists (select from tasks where worker_id = workers.id)\n),\nlost as (\n  select id\n  from tasks\n  where worker_id = any (array(select id from expired))\n  for update skip locked\n)\nupdate tasks\nset status = 'queued',\n    worker_id = null,\n    -- A task that had no attempt left was only claimed to be ended.\n    attempt = least(attempt, max_attempts) + (event_count = events_at_claim)::int,\n    errors = case\n      when attempt > max_attempts or event_count > events_at_claim then errors\n      else coalesce(errors, '[]') || jsonb_build_object(\n        'attempt', attempt,\n        'name', 'WorkerLostError',\n        'message', format(\n          'Worker %s was lost during attempt %s of %s',\n          (select name from workers where id = worker_id), attempt, max_attempts\n        )\n      )\n    end\nwhere id = any (array(select id from lost))\nreturning id, name"};

/**
 * Query generated from SQL:
 * ```
 * with expired as (
 *   select id
 *   from workers
 *   where lease_expires_at <= now()
 *   for update skip locked
 * ),
 * deleted as (
 *   delete from workers
 *   where id = any (array(select id from expired))
 *     and not exists (select from tasks where worker_id = workers.id)
 * ),
 * lost as (
 *   select id
 *   from tasks
 *   where worker_id = any (array(select id from expired))
 *   for update skip locked
 * )
 * update tasks
 * set status = 'queued',
 *     worker_id = null,
 *     -- A task that had no attempt left was only claimed to be ended.
 *     attempt = least(attempt, max_attempts) + (event_count = events_at_claim)::int,
 *     errors = case
 *       when attempt > max_attempts or event_count > events_at_claim then errors
 *       else coalesce(errors, '[]') || jsonb_build_object(
 *         'attempt', attempt,
 *         'name', 'WorkerLostError',
 *         'message', format(
 *           'Worker %s was lost during attempt %s of %s',
 *           (select name from workers where id = worker_id), attempt, max_attempts
 *         )
 *       )
 *     end
 * where id = any (array(select id from lost))
 * returning id, name
 * ```
 */
export const reclaimTasks = new PreparedQuery<ReclaimTasksParams,ReclaimTasksResult>(reclaimTasksIR);


/** 'ClaimTasks' parameters type */
export interface ClaimTasksParams {
  limit: NumberOrString;
  names: stringArray;
  queue: string;
  workerId: NumberOrString;
}

/** 'ClaimTasks' return type */
export interface ClaimTasksResult {
  attempt: number;
  cancelRequestedAt: Date | null;
  eventCount: number;
  events: Json | null;
  fence: number;
  id: string;
  input: Json;
  lastError: Json | null;
  maxAttempts: number;
  name: string;
}

/** 'ClaimTasks' query type */
export interface ClaimTasksQuery {
  params: ClaimTasksParams;
  result: ClaimTasksResult;
}

const claimTasksIR: any = {"usedParamSet":{"queue":true,"names":true,"limit":true,"workerId":true},"params":[{"name":"queue","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with due as (\n  select next.id\n  from unnest(enum_range(null::task_priority)) as lane\n  cross join lateral (\n    select id\n    from tasks\n    where status = 'queued'\n      and concurrency_key is null\n      and queue = $1\n      and name = any ($2::text[])\n      and priority = lane\n      and run_at <= now()\n    order by run_at, id\n    limit $3\n    for update skip locked  -- Do not wait for a row that another worker is claiming.\n  ) as next\n  limit $3\n),\nclaimed as (\n  update tasks\n  set status = 'running',\n      worker_id = $4,\n      fence = fence + 1,\n      events_at_claim = event_count\n  where id = any (array(select id from due))\n  returning *\n)\nselect id, name, input, fence, attempt, max_attempts, cancel_requested_at, errors -> -1 as last_error,\n       event_count, case when event_count > 0 then event_log(id) end as events\nfrom claimed\norder by priority, run_at, id"};

/**
 * Query generated from SQL:
 * ```
 * with due as (
 *   select next.id
 *   from unnest(enum_range(null::task_priority)) as lane
 *   cross join lateral (
 *     select id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key is null
 *       and queue = :queue!
 *       and name = any (:names!::text[])
 *       and priority = lane
 *       and run_at <= now()
 *     order by run_at, id
 *     limit :limit!
 *     for update skip locked  -- Do not wait for a row that another worker is claiming.
 *   ) as next
 *   limit :limit!
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running',
 *       worker_id = :workerId!,
 *       fence = fence + 1,
 *       events_at_claim = event_count
 *   where id = any (array(select id from due))
 *   returning *
 * )
 * select id, name, input, fence, attempt, max_attempts, cancel_requested_at, errors -> -1 as last_error,
 *        event_count, case when event_count > 0 then event_log(id) end as events
 * from claimed
 * order by priority, run_at, id
 * ```
 */
export const claimTasks = new PreparedQuery<ClaimTasksParams,ClaimTasksResult>(claimTasksIR);


/** 'ClaimLimitedTasks' parameters type */
export interface ClaimLimitedTasksParams {
  limit: NumberOrString;
  names: stringArray;
  queue: string;
  workerId: NumberOrString;
}

/** 'ClaimLimitedTasks' return type */
export interface ClaimLimitedTasksResult {
  attempt: number;
  cancelRequestedAt: Date | null;
  eventCount: number;
  events: Json | null;
  fence: number;
  id: string;
  input: Json;
  lastError: Json | null;
  maxAttempts: number;
  name: string;
}

/** 'ClaimLimitedTasks' query type */
export interface ClaimLimitedTasksQuery {
  params: ClaimLimitedTasksParams;
  result: ClaimLimitedTasksResult;
}

const claimLimitedTasksIR: any = {"usedParamSet":{"queue":true,"names":true,"limit":true,"workerId":true},"params":[{"name":"queue","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with open as (\n  -- The keys below their limit, ordered by their first due task.\n  select key\n  from waiting_keys($1) as key\n  cross join lateral (\n    select priority, run_at, id\n    from tasks\n    where status = 'queued'\n      and concurrency_key = key\n      and queue = $1\n      and name = any ($2::text[])\n      and run_at <= now()\n    order by priority, run_at, id\n    limit 1\n  ) as first\n  where capacity_left(key) > 0\n  order by first.priority, first.run_at, first.id\n),\ndue as (\n  select next.id\n  from open\n  cross join lateral (\n    select concurrency_key\n    from concurrency_limits\n    where concurrency_key = open.key\n    for no key update skip locked  -- A key that another worker is claiming from is left to that worker.\n  ) as locked\n  cross join lateral (\n    select id\n    from tasks\n    where status = 'queued'\n      and concurrency_key = locked.concurrency_key\n      and queue = $1\n      and name = any ($2::text[])\n      and run_at <= now()\n    order by priority, run_at, id\n    -- Counted again: the worker that held the lock before us has committed its claim by now.\n    limit greatest(capacity_left(locked.concurrency_key), 0)\n    for update skip locked\n  ) as next\n  limit $3\n),\nclaimed as (\n  update tasks\n  set status = 'running',\n      worker_id = $4,\n      fence = fence + 1,\n      events_at_claim = event_count\n  where id = any (array(select id from due))\n  returning *\n)\nselect id, name, input, fence, attempt, max_attempts, cancel_requested_at, errors -> -1 as last_error,\n       event_count, case when event_count > 0 then event_log(id) end as events\nfrom claimed\norder by priority, run_at, id"};

/**
 * Query generated from SQL:
 * ```
 * with open as (
 *   -- The keys below their limit, ordered by their first due task.
 *   select key
 *   from waiting_keys(:queue!) as key
 *   cross join lateral (
 *     select priority, run_at, id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key = key
 *       and queue = :queue!
 *       and name = any (:names!::text[])
 *       and run_at <= now()
 *     order by priority, run_at, id
 *     limit 1
 *   ) as first
 *   where capacity_left(key) > 0
 *   order by first.priority, first.run_at, first.id
 * ),
 * due as (
 *   select next.id
 *   from open
 *   cross join lateral (
 *     select concurrency_key
 *     from concurrency_limits
 *     where concurrency_key = open.key
 *     for no key update skip locked  -- A key that another worker is claiming from is left to that worker.
 *   ) as locked
 *   cross join lateral (
 *     select id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key = locked.concurrency_key
 *       and queue = :queue!
 *       and name = any (:names!::text[])
 *       and run_at <= now()
 *     order by priority, run_at, id
 *     -- Counted again: the worker that held the lock before us has committed its claim by now.
 *     limit greatest(capacity_left(locked.concurrency_key), 0)
 *     for update skip locked
 *   ) as next
 *   limit :limit!
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running',
 *       worker_id = :workerId!,
 *       fence = fence + 1,
 *       events_at_claim = event_count
 *   where id = any (array(select id from due))
 *   returning *
 * )
 * select id, name, input, fence, attempt, max_attempts, cancel_requested_at, errors -> -1 as last_error,
 *        event_count, case when event_count > 0 then event_log(id) end as events
 * from claimed
 * order by priority, run_at, id
 * ```
 */
export const claimLimitedTasks = new PreparedQuery<ClaimLimitedTasksParams,ClaimLimitedTasksResult>(claimLimitedTasksIR);


/** 'AppendEvent' parameters type */
export interface AppendEventParams {
  attempt: number;
  error?: string | null | void;
  fence: number;
  kind: call_kind;
  name: string;
  output?: string | null | void;
  position: number;
  status: call_status;
  taskId: NumberOrString;
}

/** 'AppendEvent' return type */
export interface AppendEventResult {
  seq: number;
}

/** 'AppendEvent' query type */
export interface AppendEventQuery {
  params: AppendEventParams;
  result: AppendEventResult;
}

const appendEventIR: any = {"usedParamSet":{"taskId":true,"fence":true,"position":true,"kind":true,"name":true,"attempt":true,"status":true,"output":true,"error":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"kind","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"output","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"error","required":false,"transform":{"type":"scalar"},"locs":[]}],"statement":"with counted as (\n  update tasks\n  set event_count = event_count + 1\n  where id = $1\n    and fence = $2\n    and status = 'running'\n  returning id, event_count\n)\ninsert into events (task_id, seq, position, kind, name, attempt, status, output, error)\nselect id, event_count, $3, $4::call_kind, $5, $6, $7::call_status,\n       $8::text::payload, $9::text::jsonb\nfrom counted\nreturning seq"};

/**
 * Query generated from SQL:
 * ```
 * with counted as (
 *   update tasks
 *   set event_count = event_count + 1
 *   where id = :taskId!
 *     and fence = :fence!
 *     and status = 'running'
 *   returning id, event_count
 * )
 * insert into events (task_id, seq, position, kind, name, attempt, status, output, error)
 * select id, event_count, :position!, :kind!::call_kind, :name!, :attempt!, :status!::call_status,
 *        :output::text::payload, :error::text::jsonb
 * from counted
 * returning seq
 * ```
 */
export const appendEvent = new PreparedQuery<AppendEventParams,AppendEventResult>(appendEventIR);


/** 'EndRun' parameters type */
export interface EndRunParams {
  delayMs?: number | null | void;
  error?: string | null | void;
  fence: number;
  id: NumberOrString;
  isDropped: boolean;
  output?: string | null | void;
  reopenAfter?: number | null | void;
  status: task_status;
}

/** 'EndRun' return type */
export interface EndRunResult {
  reopened: string | null;
  status: task_status;
}

/** 'EndRun' query type */
export interface EndRunQuery {
  params: EndRunParams;
  result: EndRunResult;
}

const endRunIR: any = {"usedParamSet":{"error":true,"isDropped":true,"id":true,"fence":true,"status":true,"delayMs":true,"output":true,"reopenAfter":true},"params":[{"name":"error","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"isDropped","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"delayMs","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"output","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"reopenAfter","required":false,"transform":{"type":"scalar"},"locs":[]}],"statement":"with run as (\n  select id,\n         $1::text is not null\n           and attempt <= max_attempts\n           and not ($2 and event_count > events_at_claim) as has_failed\n  from tasks\n  where id = $3\n    and fence = $4\n    and status = 'running'\n  for no key update nowait  -- A row that a user's transaction has locked must not keep a connection waiting.\n)\nupdate tasks\nset status = case when cancel_requested_at is null then $5::task_status else 'cancelled' end,\n    worker_id = null,\n    attempt = case\n      when $5 = 'queued' and cancel_requested_at is null and (select has_failed from run) then attempt + 1\n      else least(attempt, max_attempts)\n    end,\n    run_at = coalesce(now() + $6::float8 * interval '1 millisecond', run_at),\n    output = case when cancel_requested_at is null then $7::text::payload end,\n    error = case when cancel_requested_at is null and $5 = 'failed' then $1::text::jsonb end,\n    errors = case\n      when (select has_failed from run)\n      then coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || $1::text::jsonb)\n      else errors\n    end\nwhere id = (select id from run)\nreturning status, case when status in ('queued', 'failed') then reopen_calls(id, $8::int) end as reopened"};

/**
 * Query generated from SQL:
 * ```
 * with run as (
 *   select id,
 *          :error::text is not null
 *            and attempt <= max_attempts
 *            and not (:isDropped! and event_count > events_at_claim) as has_failed
 *   from tasks
 *   where id = :id!
 *     and fence = :fence!
 *     and status = 'running'
 *   for no key update nowait  -- A row that a user's transaction has locked must not keep a connection waiting.
 * )
 * update tasks
 * set status = case when cancel_requested_at is null then :status!::task_status else 'cancelled' end,
 *     worker_id = null,
 *     attempt = case
 *       when :status! = 'queued' and cancel_requested_at is null and (select has_failed from run) then attempt + 1
 *       else least(attempt, max_attempts)
 *     end,
 *     run_at = coalesce(now() + :delayMs::float8 * interval '1 millisecond', run_at),
 *     output = case when cancel_requested_at is null then :output::text::payload end,
 *     error = case when cancel_requested_at is null and :status! = 'failed' then :error::text::jsonb end,
 *     errors = case
 *       when (select has_failed from run)
 *       then coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || :error::text::jsonb)
 *       else errors
 *     end
 * where id = (select id from run)
 * returning status, case when status in ('queued', 'failed') then reopen_calls(id, :reopenAfter::int) end as reopened
 * ```
 */
export const endRun = new PreparedQuery<EndRunParams,EndRunResult>(endRunIR);


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
  id: string;
}

/** 'CancelTask' query type */
export interface CancelTaskQuery {
  params: CancelTaskParams;
  result: CancelTaskResult;
}

const cancelTaskIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = case status when 'queued' then 'cancelled' else status end,\n    cancel_requested_at = coalesce(cancel_requested_at, now())\nwhere id = $1\n  and status in ('queued', 'running')\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = case status when 'queued' then 'cancelled' else status end,
 *     cancel_requested_at = coalesce(cancel_requested_at, now())
 * where id = :id!
 *   and status in ('queued', 'running')
 * returning id
 * ```
 */
export const cancelTask = new PreparedQuery<CancelTaskParams,CancelTaskResult>(cancelTaskIR);


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


