// Made from queries.sql by `pnpm typegen`; fingerprint 3d51d78abd5337ac
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


/** 'InsertTasks' parameters type */
export interface InsertTasksParams {
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

const insertTasksIR: any = {"usedParamSet":{"tasks":true,"name":true},"params":[{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with wanted as (\n  select *\n  from json_to_recordset($1::text::json) as task (\n    input text,\n    concurrency_key text\n  )\n),\nunknown as (\n  select concurrency_key\n  from wanted\n  where concurrency_key is not null\n    and (\n      -- Not \"not exists\": as an anti-join it may read all limits.\n      select max_running\n      from concurrency_limits\n      where concurrency_limits.concurrency_key = wanted.concurrency_key\n    ) is null\n),\ninserted as (\n  insert into tasks (name, input, concurrency_key)\n  select $2, input::payload, concurrency_key\n  from wanted\n  where not exists (select from unknown)\n  returning id\n)\nselect id, null as unknown_key from inserted\nunion all\nselect null, concurrency_key from unknown"};

/**
 * Query generated from SQL:
 * ```
 * with wanted as (
 *   select *
 *   from json_to_recordset(:tasks!::text::json) as task (
 *     input text,
 *     concurrency_key text
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
 *   insert into tasks (name, input, concurrency_key)
 *   select :name!, input::payload, concurrency_key
 *   from wanted
 *   where not exists (select from unknown)
 *   returning id
 * )
 * select id, null as unknown_key from inserted
 * union all
 * select null, concurrency_key from unknown
 * ```
 */
export const insertTasks = new PreparedQuery<InsertTasksParams,InsertTasksResult>(insertTasksIR);


/** 'HaveLimits' parameters type */
export type HaveLimitsParams = void;

/** 'HaveLimits' return type */
export interface HaveLimitsResult {
  hasLimits: boolean;
}

/** 'HaveLimits' query type */
export interface HaveLimitsQuery {
  params: HaveLimitsParams;
  result: HaveLimitsResult;
}

const haveLimitsIR: any = {"usedParamSet":{},"params":[],"statement":"select exists (select from concurrency_limits) as \"has_limits!\""};

/**
 * Query generated from SQL:
 * ```
 * select exists (select from concurrency_limits) as "has_limits!"
 * ```
 */
export const haveLimits = new PreparedQuery<HaveLimitsParams,HaveLimitsResult>(haveLimitsIR);


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

const claimTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with due as (\n  select id\n  from tasks\n  where status = 'queued'\n    and concurrency_key is null\n  order by id\n  limit $1\n  for update skip locked  -- Do not wait for a row that another worker is claiming.\n),\nclaimed as (\n  update tasks\n  set status = 'running'\n  where id = any (array(select id from due))\n  returning *\n)\nselect id, name, input\nfrom claimed\norder by id"};

/**
 * Query generated from SQL:
 * ```
 * with due as (
 *   select id
 *   from tasks
 *   where status = 'queued'
 *     and concurrency_key is null
 *   order by id
 *   limit :limit!
 *   for update skip locked  -- Do not wait for a row that another worker is claiming.
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running'
 *   where id = any (array(select id from due))
 *   returning *
 * )
 * select id, name, input
 * from claimed
 * order by id
 * ```
 */
export const claimTasks = new PreparedQuery<ClaimTasksParams,ClaimTasksResult>(claimTasksIR);


/** 'ClaimLimitedTasks' parameters type */
export interface ClaimLimitedTasksParams {
  limit: NumberOrString;
}

/** 'ClaimLimitedTasks' return type */
export interface ClaimLimitedTasksResult {
  id: string;
  input: Json;
  name: string;
}

/** 'ClaimLimitedTasks' query type */
export interface ClaimLimitedTasksQuery {
  params: ClaimLimitedTasksParams;
  result: ClaimLimitedTasksResult;
}

const claimLimitedTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with open as (\n  -- The keys below their limit, ordered by their first task.\n  select key\n  from waiting_keys() as key\n  cross join lateral (\n    select id\n    from tasks\n    where status = 'queued'\n      and concurrency_key = key\n    order by id\n    limit 1\n  ) as first\n  where capacity_left(key) > 0\n  order by first.id\n),\ndue as (\n  select next.id\n  from open\n  cross join lateral (\n    select concurrency_key\n    from concurrency_limits\n    where concurrency_key = open.key\n    for no key update skip locked  -- A key that another worker is claiming from is left to that worker.\n  ) as locked\n  cross join lateral (\n    select id\n    from tasks\n    where status = 'queued'\n      and concurrency_key = locked.concurrency_key\n    order by id\n    -- Counted again: the worker that held the lock before us has committed its claim by now.\n    limit greatest(capacity_left(locked.concurrency_key), 0)\n    for update skip locked\n  ) as next\n  limit $1\n),\nclaimed as (\n  update tasks\n  set status = 'running'\n  where id = any (array(select id from due))\n  returning *\n)\nselect id, name, input\nfrom claimed\norder by id"};

/**
 * Query generated from SQL:
 * ```
 * with open as (
 *   -- The keys below their limit, ordered by their first task.
 *   select key
 *   from waiting_keys() as key
 *   cross join lateral (
 *     select id
 *     from tasks
 *     where status = 'queued'
 *       and concurrency_key = key
 *     order by id
 *     limit 1
 *   ) as first
 *   where capacity_left(key) > 0
 *   order by first.id
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
 *     order by id
 *     -- Counted again: the worker that held the lock before us has committed its claim by now.
 *     limit greatest(capacity_left(locked.concurrency_key), 0)
 *     for update skip locked
 *   ) as next
 *   limit :limit!
 * ),
 * claimed as (
 *   update tasks
 *   set status = 'running'
 *   where id = any (array(select id from due))
 *   returning *
 * )
 * select id, name, input
 * from claimed
 * order by id
 * ```
 */
export const claimLimitedTasks = new PreparedQuery<ClaimLimitedTasksParams,ClaimLimitedTasksResult>(claimLimitedTasksIR);


/** 'EndRun' parameters type */
export interface EndRunParams {
  error?: string | null | void;
  id: NumberOrString;
  output?: string | null | void;
  status: task_status;
}

/** 'EndRun' return type */
export interface EndRunResult {
  status: task_status;
}

/** 'EndRun' query type */
export interface EndRunQuery {
  params: EndRunParams;
  result: EndRunResult;
}

const endRunIR: any = {"usedParamSet":{"status":true,"output":true,"error":true,"id":true},"params":[{"name":"status","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"output","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"error","required":false,"transform":{"type":"scalar"},"locs":[]},{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"update tasks\nset status = $1,\n    output = $2::text::payload,\n    error = $3::text::jsonb\nwhere id = $4\n  and status = 'running'\nreturning status"};

/**
 * Query generated from SQL:
 * ```
 * update tasks
 * set status = :status!,
 *     output = :output::text::payload,
 *     error = :error::text::jsonb
 * where id = :id!
 *   and status = 'running'
 * returning status
 * ```
 */
export const endRun = new PreparedQuery<EndRunParams,EndRunResult>(endRunIR);


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


