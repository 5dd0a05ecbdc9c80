// Made from queries.sql by `pnpm typegen`; fingerprint 8ca3aac024d5fc6b
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type call_kind = 'step' | 'transaction';

export type call_status = 'caught' | 'failed' | 'succeeded';

export type task_status = 'cancelled' | 'failed' | 'queued' | 'running' | 'succeeded';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

export type NumberOrStringArray = (NumberOrString)[];

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
  id: string;
  idempotencyKey: string | null;
}

/** 'InsertTasks' query type */
export interface InsertTasksQuery {
  params: InsertTasksParams;
  result: InsertTasksResult;
}

const insertTasksIR: any = {"usedParamSet":{"inputs":true,"concurrencyKeys":true,"idempotencyKeys":true,"priorities":true,"runAts":true,"delaysMs":true,"name":true,"startTimeoutMs":true,"maxAttempts":true},"params":[{"name":"inputs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"concurrencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"idempotencyKeys","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"priorities","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"runAts","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"delaysMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"startTimeoutMs","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"maxAttempts","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select nextval(pg_get_serial_sequence('tasks', 'id')) as id, task.*\n  from unnest(\n    $1::text[],\n    $2::text[],\n    $3::text[],\n    $4::text[],\n    $5::text[],\n    $6::bigint[]\n  ) as task (input, concurrency_key, idempotency_key, priority, run_at, delay_ms)\n),\ndue as (\n  -- now() is the start of the transaction, which may have been long ago.\n  select *,\n         coalesce(run_at::timestamptz, statement_timestamp() + delay_ms * interval '1 millisecond') as due_at\n  from wanted\n)\ninsert into tasks (\n  id, name, input, concurrency_key, idempotency_key, priority, run_at, expires_at, max_attempts\n)\noverriding system value\nselect id, $7, input::jsonb, concurrency_key, idempotency_key, priority::task_priority, due_at,\n       due_at + $8::float8 * interval '1 millisecond', $9\nfrom due\nwhere not exists (\n  select concurrency_key from wanted where concurrency_key is not null\n  except\n  select concurrency_key from concurrency_limits\n)\norder by idempotency_key, id\non conflict (name, idempotency_key) where idempotency_key is not null do nothing\nreturning id, idempotency_key"};

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
 * )
 * insert into tasks (
 *   id, name, input, concurrency_key, idempotency_key, priority, run_at, expires_at, max_attempts
 * )
 * overriding system value
 * select id, :name!, input::jsonb, concurrency_key, idempotency_key, priority::task_priority, due_at,
 *        due_at + :startTimeoutMs::float8 * interval '1 millisecond', :maxAttempts!
 * from due
 * where not exists (
 *   select concurrency_key from wanted where concurrency_key is not null
 *   except
 *   select concurrency_key from concurrency_limits
 * )
 * order by idempotency_key, id
 * on conflict (name, idempotency_key) where idempotency_key is not null do nothing
 * returning id, idempotency_key
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

const insertWorkerIR: any = {"usedParamSet":{"name":true,"leaseMs":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"leaseMs","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into workers (name, lease_ends_at)\nvalues ($1, now() + $2::float8 * interval '1 millisecond')\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * insert into workers (name, lease_ends_at)
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
  cancelled: stringArray;
}

/** 'Heartbeat' query type */
export interface HeartbeatQuery {
  params: HeartbeatParams;
  result: HeartbeatResult;
}

const heartbeatIR: any = {"usedParamSet":{"leaseMs":true,"workerId":true},"params":[{"name":"leaseMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update workers\nset lease_ends_at = now() + $1::float8 * interval '1 millisecond'\nwhere id = $2\nreturning array(\n  select id\n  from tasks\n  where worker_id = workers.id\n    and cancel_requested_at is not null\n) as \"cancelled!\""};

/**
 * Query generated from SQL:
 * ```
 * update workers
 * set lease_ends_at = now() + :leaseMs!::float8 * interval '1 millisecond'
 * where id = :workerId!
 * returning array(
 *   select id
 *   from tasks
 *   where worker_id = workers.id
 *     and cancel_requested_at is not null
 * ) as "cancelled!"
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
}

/** 'ReclaimTasks' query type */
export interface ReclaimTasksQuery {
  params: ReclaimTasksParams;
  result: ReclaimTasksResult;
}

const reclaimTasksIR: any = {"usedParamSet":{"workerId":true,"unsaved":true,"running":true},"params":[{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"unsaved","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"running","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with dead as (\n  select id\n  from workers\n  where lease_ends_at <= now()\n  for update skip locked\n),\nlost as (\n  select id,\n         case\n           when cancel_requested_at is not null then 'cancelled'\n           when worker_id = $1 and not id = any ($2::bigint[]) then 'queued'\n           when attempt < max_attempts then 'queued'\n           else 'failed'\n         end::task_status as next_status,\n         worker_id = $1 and not id = any ($2::bigint[]) as never_started,\n         jsonb_build_object(\n           'name', case worker_id when $1 then 'OutcomeLostError' else 'WorkerLostError' end,\n           'message', format(\n             case worker_id\n               when $1 then 'Worker %s could not write down what came of attempt %s of %s'\n               else 'Worker %s was lost during attempt %s of %s'\n             end,\n             (select name from workers where id = worker_id), attempt, max_attempts\n           )\n         ) as loss\n  from tasks\n  where worker_id = any (array(select id from dead) || $1::bigint)\n    and not (worker_id = $1 and id = any ($3::bigint[]))\n  for update skip locked\n),\nburied as (\n  delete from workers\n  where id = any (array(select id from dead))\n    and not exists (\n      select from tasks\n      where worker_id = workers.id\n        and not id = any (array(select id from lost))\n    )\n)\nupdate tasks\nset status = next_status,\n    attempt = attempt + case when next_status = 'queued' and not never_started then 1 else 0 end,\n    worker_id = null,\n    error = case next_status when 'failed' then loss end,\n    errors = case\n      when never_started then errors\n      else coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || loss)\n    end\nfrom lost\nwhere tasks.id = lost.id\n  and tasks.id = any (array(select id from lost))  -- By key, whatever the planner believes of the table.\nreturning tasks.id, tasks.name, status, tasks.attempt,\n          case when never_started then 'The answer to a claim got lost' else loss ->> 'message' end as \"message!\""};

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
 *          ) as loss
 *   from tasks
 *   where worker_id = any (array(select id from dead) || :workerId!::bigint)
 *     and not (worker_id = :workerId and id = any (:running!::bigint[]))
 *   for update skip locked
 * ),
 * buried as (
 *   delete from workers
 *   where id = any (array(select id from dead))
 *     and not exists (
 *       select from tasks
 *       where worker_id = workers.id
 *         and not id = any (array(select id from lost))
 *     )
 * )
 * update tasks
 * set status = next_status,
 *     attempt = attempt + case when next_status = 'queued' and not never_started then 1 else 0 end,
 *     worker_id = null,
 *     error = case next_status when 'failed' then loss end,
 *     errors = case
 *       when never_started then errors
 *       else coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || loss)
 *     end
 * from lost
 * where tasks.id = lost.id
 *   and tasks.id = any (array(select id from lost))  -- By key, whatever the planner believes of the table.
 * returning tasks.id, tasks.name, status, tasks.attempt,
 *           case when never_started then 'The answer to a claim got lost' else loss ->> 'message' end as "message!"
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
}

/** 'ExpireTasks' query type */
export interface ExpireTasksQuery {
  params: ExpireTasksParams;
  result: ExpireTasksResult;
}

const expireTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with overdue as (\n  select id, jsonb_build_object(\n    'name', 'StartTimeoutError',\n    'message', format(\n      'Nobody started it within %s ms; is there a worker that knows \"%s\", and has it room?',\n      round(extract(epoch from expires_at - run_at) * 1000), name\n    )\n  ) as lateness\n  from tasks\n  where status = 'queued'\n    and expires_at <= now()\n  order by expires_at\n  limit $1\n  for update skip locked\n)\nupdate tasks\nset status = 'failed',\n    error = lateness,\n    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || lateness)\nfrom overdue\nwhere tasks.id = overdue.id\n  and tasks.id = any (array(select id from overdue))\nreturning tasks.id, tasks.name, lateness ->> 'message' as \"message!\""};

/**
 * Query generated from SQL:
 * ```
 * with overdue as (
 *   select id, jsonb_build_object(
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
 * )
 * update tasks
 * set status = 'failed',
 *     error = lateness,
 *     errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || lateness)
 * from overdue
 * where tasks.id = overdue.id
 *   and tasks.id = any (array(select id from overdue))
 * returning tasks.id, tasks.name, lateness ->> 'message' as "message!"
 * ```
 */
export const expireTasks = new PreparedQuery<ExpireTasksParams,ExpireTasksResult>(expireTasksIR);


/** 'ClaimTasks' parameters type */
export interface ClaimTasksParams {
  limit: NumberOrString;
  names: stringArray;
  workerId: NumberOrString;
}

/** 'ClaimTasks' return type */
export interface ClaimTasksResult {
  attempt: number;
  events: Json | null;
  fence: number;
  id: string;
  input: Json;
  maxAttempts: number;
  name: string;
}

/** 'ClaimTasks' query type */
export interface ClaimTasksQuery {
  params: ClaimTasksParams;
  result: ClaimTasksResult;
}

const claimTasksIR: any = {"usedParamSet":{"names":true,"limit":true,"workerId":true},"params":[{"name":"names","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"workerId","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with recursive lanes as (\n  select priority, name\n  from unnest(enum_range(null::task_priority)) as priority\n  cross join unnest($1::text[]) with ordinality as known (name, turn)\n  order by priority, turn\n),\nwaiting as (\n  -- The keys that have tasks waiting: one look into the index for a key, not for a task.\n  select known.name, next.concurrency_key\n  from unnest($1::text[]) as known (name)\n  cross join lateral (\n    select concurrency_key\n    from tasks\n    where status = 'queued'\n      and tasks.name = known.name\n      and concurrency_key is not null\n    order by concurrency_key\n    limit 1\n  ) as next\n  union all\n  select waiting.name, next.concurrency_key\n  from waiting\n  cross join lateral (\n    select concurrency_key\n    from tasks\n    where status = 'queued'\n      and tasks.name = waiting.name\n      and concurrency_key > waiting.concurrency_key\n    order by concurrency_key\n    limit 1\n  ) as next\n),\nwanted as (\n  -- The keys with room, those first whose tasks come first. Tasks of two names may wait for one key.\n  select concurrency_key\n  from (\n    select distinct on (concurrency_key) concurrency_key, priority, run_at, id\n    from waiting\n    cross join lateral (\n      select first.priority, first.run_at, first.id\n      from lanes\n      cross join lateral (\n        select tasks.priority, run_at, id\n        from tasks\n        where status = 'queued'\n          and tasks.name = lanes.name\n          and concurrency_key = waiting.concurrency_key\n          and tasks.priority = lanes.priority\n          and run_at <= now()\n          and (expires_at is null or expires_at > now())\n        order by run_at, id\n        limit 1\n      ) as first\n      where lanes.name = waiting.name\n      limit 1\n    ) as first_of_name\n    where (\n      select max_running\n      from concurrency_limits\n      where concurrency_limits.concurrency_key = waiting.concurrency_key\n    ) > (\n      select count(*)\n      from tasks\n      where tasks.concurrency_key = waiting.concurrency_key\n        and status = 'running'\n    )\n    order by concurrency_key, priority, run_at, id\n  ) as first_of_key\n  order by priority, run_at, id\n),\nopen as (\n  -- A claim of ten tasks needs no more than ten keys.\n  select key.concurrency_key, key.max_running\n  from wanted\n  cross join lateral (\n    select concurrency_key, max_running\n    from concurrency_limits\n    where concurrency_limits.concurrency_key = wanted.concurrency_key\n    for no key update skip locked  -- A key that another worker is claiming from is left to it.\n  ) as key\n  limit $2\n),\nroom as (\n  -- Counted again under the lock: whoever held it before us has committed its tasks by now.\n  select concurrency_key, greatest(max_running - running_tasks(concurrency_key), 0) as free\n  from open\n),\nlimited as (\n  select next.id, next.priority, next.run_at\n  from room\n  cross join lateral (\n    select first.id, first.priority, first.run_at\n    from lanes\n    cross join lateral (\n      select id, tasks.priority, run_at\n      from tasks\n      where status = 'queued'\n        and tasks.name = lanes.name\n        and concurrency_key = room.concurrency_key\n        and tasks.priority = lanes.priority\n        and run_at <= now()\n        and (expires_at is null or expires_at > now())\n      order by run_at, id\n      limit least(room.free, $2)\n      for update skip locked\n    ) as first\n    order by priority, run_at, id\n    limit least(room.free, $2)\n  ) as next\n),\nunlimited as (\n  select next.id, next.priority, next.run_at\n  from lanes\n  cross join lateral (\n    select id, tasks.priority, run_at\n    from tasks\n    where status = 'queued'\n      and tasks.name = lanes.name\n      and concurrency_key is null\n      and tasks.priority = lanes.priority\n      and run_at <= now()\n      and (expires_at is null or expires_at > now())\n    order by run_at, id\n    limit $2\n    for update skip locked  -- A row another worker is claiming is not ours to wait for.\n  ) as next\n  limit $2\n),\ndue as (\n  select id, priority, run_at from limited\n  union all\n  select id, priority, run_at from unlimited\n  order by priority, run_at, id\n  limit $2\n),\nclaimed as (\n  update tasks\n  set status = 'running',\n      worker_id = $3,\n      fence = fence + 1,\n      expires_at = null\n  where id = any (array(select id from due))\n  returning id, name, input, fence, attempt, max_attempts, event_count, priority, run_at\n)\nselect id, name, input, fence, attempt, max_attempts,\n       case when event_count > 0 then event_log(id) end as events\nfrom claimed\norder by priority, run_at, id"};

/**
 * Query generated from SQL:
 * ```
 * with recursive lanes as (
 *   select priority, name
 *   from unnest(enum_range(null::task_priority)) as priority
 *   cross join unnest(:names!::text[]) with ordinality as known (name, turn)
 *   order by priority, turn
 * ),
 * waiting as (
 *   -- The keys that have tasks waiting: one look into the index for a key, not for a task.
 *   select known.name, next.concurrency_key
 *   from unnest(:names!::text[]) as known (name)
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
 *   limit :limit!
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
 *     limit :limit!
 *     for update skip locked  -- A row another worker is claiming is not ours to wait for.
 *   ) as next
 *   limit :limit!
 * ),
 * due as (
 *   select id, priority, run_at from limited
 *   union all
 *   select id, priority, run_at from unlimited
 *   order by priority, run_at, id
 *   limit :limit!
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running',
 *       worker_id = :workerId!,
 *       fence = fence + 1,
 *       expires_at = null
 *   where id = any (array(select id from due))
 *   returning id, name, input, fence, attempt, max_attempts, event_count, priority, run_at
 * )
 * select id, name, input, fence, attempt, max_attempts,
 *        case when event_count > 0 then event_log(id) end as events
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

const appendEventIR: any = {"usedParamSet":{"taskId":true,"fence":true,"position":true,"kind":true,"name":true,"attempt":true,"status":true,"output":true,"error":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"kind","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"output","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"error","required":false,"transform":{"type":"scalar"},"locs":[]}],"statement":"with counted as (\n  update tasks\n  set event_count = event_count + 1\n  where id = $1\n    and fence = $2\n    and status = 'running'\n  returning id, event_count\n)\ninsert into events (task_id, seq, position, kind, name, attempt, status, output, error)\nselect id, event_count, $3, $4::call_kind, $5, $6, $7::call_status,\n       $8::text::json, $9::text::json\nfrom counted\nreturning seq"};

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
 *        :output::text::json, :error::text::json
 * from counted
 * returning seq
 * ```
 */
export const appendEvent = new PreparedQuery<AppendEventParams,AppendEventResult>(appendEventIR);


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
  position: number;
  status: call_status;
  taskId: NumberOrString;
}

/** 'FindEvent' return type */
export interface FindEventResult {
  output: Json | null;
}

/** 'FindEvent' query type */
export interface FindEventQuery {
  params: FindEventParams;
  result: FindEventResult;
}

const findEventIR: any = {"usedParamSet":{"taskId":true,"position":true,"attempt":true,"status":true},"params":[{"name":"taskId","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"attempt","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select output\nfrom events\nwhere task_id = $1\n  and position = $2\n  and attempt = $3\n  and status = $4::call_status"};

/**
 * Query generated from SQL:
 * ```
 * select output
 * from events
 * where task_id = :taskId!
 *   and position = :position!
 *   and attempt = :attempt!
 *   and status = :status!::call_status
 * ```
 */
export const findEvent = new PreparedQuery<FindEventParams,FindEventResult>(findEventIR);


/** 'SucceedTask' parameters type */
export interface SucceedTaskParams {
  fence: number;
  id: NumberOrString;
  output: string;
}

/** 'SucceedTask' return type */
export interface SucceedTaskResult {
  id: string;
}

/** 'SucceedTask' query type */
export interface SucceedTaskQuery {
  params: SucceedTaskParams;
  result: SucceedTaskResult;
}

const succeedTaskIR: any = {"usedParamSet":{"output":true,"id":true,"fence":true},"params":[{"name":"output","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'succeeded',\n    worker_id = null,\n    output = $1::text::jsonb\nwhere id = $2\n  and fence = $3\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id"};

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
 * returning id
 * ```
 */
export const succeedTask = new PreparedQuery<SucceedTaskParams,SucceedTaskResult>(succeedTaskIR);


/** 'FailTask' parameters type */
export interface FailTaskParams {
  error: string;
  fence: number;
  id: NumberOrString;
}

/** 'FailTask' return type */
export interface FailTaskResult {
  id: string;
}

/** 'FailTask' query type */
export interface FailTaskQuery {
  params: FailTaskParams;
  result: FailTaskResult;
}

const failTaskIR: any = {"usedParamSet":{"error":true,"id":true,"fence":true},"params":[{"name":"error","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'failed',\n    worker_id = null,\n    error = $1::text::jsonb,\n    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || $1::text::jsonb)\nwhere id = $2\n  and fence = $3\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id"};

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
 * returning id
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

const retryTaskIR: any = {"usedParamSet":{"delayMs":true,"error":true,"id":true,"fence":true},"params":[{"name":"delayMs","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"error","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'queued',\n    attempt = attempt + 1,\n    run_at = now() + $1::float8 * interval '1 millisecond',\n    worker_id = null,\n    errors = coalesce(errors, '[]') || (jsonb_build_object('attempt', attempt) || $2::text::jsonb)\nwhere id = $3\n  and fence = $4\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'queued',
 *     attempt = attempt + 1,
 *     run_at = now() + :delayMs!::float8 * interval '1 millisecond',
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
  id: string;
}

/** 'HandBackTask' query type */
export interface HandBackTaskQuery {
  params: HandBackTaskParams;
  result: HandBackTaskResult;
}

const handBackTaskIR: any = {"usedParamSet":{"id":true,"fence":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'queued',\n    worker_id = null\nwhere id = $1\n  and fence = $2\n  and status = 'running'\n  and cancel_requested_at is null\nreturning id"};

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
 * returning id
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
}

/** 'EndCancelledTask' query type */
export interface EndCancelledTaskQuery {
  params: EndCancelledTaskParams;
  result: EndCancelledTaskResult;
}

const endCancelledTaskIR: any = {"usedParamSet":{"id":true,"fence":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"fence","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'cancelled',\n    worker_id = null\nwhere id = $1\n  and fence = $2\n  and status = 'running'\n  and cancel_requested_at is not null\nreturning id"};

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
 * returning id
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


