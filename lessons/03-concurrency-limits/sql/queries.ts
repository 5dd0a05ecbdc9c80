// Made from queries.sql by `pnpm typegen`; fingerprint 6e1f6cf5ec8e3234
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type task_status = 'failed' | 'queued' | 'running' | 'succeeded';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

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


/** 'InsertTask' parameters type */
export interface InsertTaskParams {
  concurrencyKey?: string | null | void;
  input: string;
  name: string;
}

/** 'InsertTask' return type */
export interface InsertTaskResult {
  id: string;
}

/** 'InsertTask' query type */
export interface InsertTaskQuery {
  params: InsertTaskParams;
  result: InsertTaskResult;
}

const insertTaskIR: any = {"usedParamSet":{"name":true,"input":true,"concurrencyKey":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"input","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"concurrencyKey","required":false,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into tasks (name, input, concurrency_key)\nselect $1::text, $2::text::jsonb, $3::text\nwhere $3::text is null\n  or exists (select from concurrency_limits where concurrency_key = $3)\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * insert into tasks (name, input, concurrency_key)
 * select :name!::text, :input!::text::jsonb, :concurrencyKey::text
 * where :concurrencyKey::text is null
 *   or exists (select from concurrency_limits where concurrency_key = :concurrencyKey)
 * returning id
 * ```
 */
export const insertTask = new PreparedQuery<InsertTaskParams,InsertTaskResult>(insertTaskIR);


/** 'ClaimTasks' parameters type */
export interface ClaimTasksParams {
  limit: NumberOrString;
}

/** 'ClaimTasks' return type */
export interface ClaimTasksResult {
  id: string;
  input: Json;
  name: string;
}

/** 'ClaimTasks' query type */
export interface ClaimTasksQuery {
  params: ClaimTasksParams;
  result: ClaimTasksResult;
}

const claimTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with recursive waiting as (\n  -- The oldest task of each key that has tasks waiting: one look into the index for a key, not for a task.\n  (\n    select concurrency_key, id\n    from tasks\n    where status = 'queued'\n      and concurrency_key is not null\n    order by concurrency_key, id\n    limit 1\n  )\n  union all\n  select next.concurrency_key, next.id\n  from waiting\n  cross join lateral (\n    select concurrency_key, id\n    from tasks\n    where status = 'queued'\n      and concurrency_key > waiting.concurrency_key\n    order by concurrency_key, id\n    limit 1\n  ) as next\n),\nwanted as (\n  -- The keys with room, those first whose tasks have waited longest.\n  select concurrency_key\n  from waiting\n  where (\n    select max_running\n    from concurrency_limits\n    where concurrency_limits.concurrency_key = waiting.concurrency_key\n  ) > (\n    select count(*)\n    from tasks\n    where tasks.concurrency_key = waiting.concurrency_key\n      and status = 'running'\n  )\n  order by id\n),\nopen as (\n  -- A claim of ten tasks needs no more than ten keys.\n  select key.concurrency_key, key.max_running\n  from wanted\n  cross join lateral (\n    select concurrency_key, max_running\n    from concurrency_limits\n    where concurrency_limits.concurrency_key = wanted.concurrency_key\n    for no key update skip locked  -- A key that another worker is claiming from is left to it.\n  ) as key\n  limit $1\n),\nroom as (\n  -- Counted again under the lock: whoever held it before us has committed its tasks by now.\n  select concurrency_key, greatest(max_running - running_tasks(concurrency_key), 0) as free\n  from open\n),\nlimited as (\n  select next.id\n  from room\n  cross join lateral (\n    select id\n    from tasks\n    where status = 'queued'\n      and concurrency_key = room.concurrency_key\n    order by id\n    limit least(room.free, $1)\n    for update skip locked\n  ) as next\n),\nunlimited as (\n  select id\n  from tasks\n  where status = 'queued'\n    and concurrency_key is null\n  order by id\n  limit $1\n  for update skip locked  -- A row another worker is claiming is not ours to wait for.\n),\ndue as (\n  select id from limited\n  union all\n  select id from unlimited\n  order by id\n  limit $1\n),\nclaimed as (\n  update tasks\n  set status = 'running'\n  where id = any (array(select id from due))\n  returning id, name, input\n)\nselect id, name, input\nfrom claimed\norder by id"};

/**
 * Query generated from SQL:
 * ```
 * with recursive waiting as (
 *   -- The oldest task of each key that has tasks waiting: one look into the index for a key, not for a task.
 *   (
 *     select concurrency_key, id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key is not null
 *     order by concurrency_key, id
 *     limit 1
 *   )
 *   union all
 *   select next.concurrency_key, next.id
 *   from waiting
 *   cross join lateral (
 *     select concurrency_key, id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key > waiting.concurrency_key
 *     order by concurrency_key, id
 *     limit 1
 *   ) as next
 * ),
 * wanted as (
 *   -- The keys with room, those first whose tasks have waited longest.
 *   select concurrency_key
 *   from waiting
 *   where (
 *     select max_running
 *     from concurrency_limits
 *     where concurrency_limits.concurrency_key = waiting.concurrency_key
 *   ) > (
 *     select count(*)
 *     from tasks
 *     where tasks.concurrency_key = waiting.concurrency_key
 *       and status = 'running'
 *   )
 *   order by id
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
 *   select next.id
 *   from room
 *   cross join lateral (
 *     select id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key = room.concurrency_key
 *     order by id
 *     limit least(room.free, :limit!)
 *     for update skip locked
 *   ) as next
 * ),
 * unlimited as (
 *   select id
 *   from tasks
 *   where status = 'queued'
 *     and concurrency_key is null
 *   order by id
 *   limit :limit!
 *   for update skip locked  -- A row another worker is claiming is not ours to wait for.
 * ),
 * due as (
 *   select id from limited
 *   union all
 *   select id from unlimited
 *   order by id
 *   limit :limit!
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running'
 *   where id = any (array(select id from due))
 *   returning id, name, input
 * )
 * select id, name, input
 * from claimed
 * order by id
 * ```
 */
export const claimTasks = new PreparedQuery<ClaimTasksParams,ClaimTasksResult>(claimTasksIR);


/** 'SucceedTask' parameters type */
export interface SucceedTaskParams {
  id: NumberOrString;
  output: string;
}

/** 'SucceedTask' return type */
export type SucceedTaskResult = void;

/** 'SucceedTask' query type */
export interface SucceedTaskQuery {
  params: SucceedTaskParams;
  result: SucceedTaskResult;
}

const succeedTaskIR: any = {"usedParamSet":{"output":true,"id":true},"params":[{"name":"output","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'succeeded',\n    output = $1::text::jsonb\nwhere id = $2\n  and status = 'running'"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'succeeded',
 *     output = :output!::text::jsonb
 * where id = :id!
 *   and status = 'running'
 * ```
 */
export const succeedTask = new PreparedQuery<SucceedTaskParams,SucceedTaskResult>(succeedTaskIR);


/** 'FailTask' parameters type */
export interface FailTaskParams {
  error: string;
  id: NumberOrString;
}

/** 'FailTask' return type */
export type FailTaskResult = void;

/** 'FailTask' query type */
export interface FailTaskQuery {
  params: FailTaskParams;
  result: FailTaskResult;
}

const failTaskIR: any = {"usedParamSet":{"error":true,"id":true},"params":[{"name":"error","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = 'failed',\n    error = $1::text::jsonb\nwhere id = $2\n  and status = 'running'"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = 'failed',
 *     error = :error!::text::jsonb
 * where id = :id!
 *   and status = 'running'
 * ```
 */
export const failTask = new PreparedQuery<FailTaskParams,FailTaskResult>(failTaskIR);


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


