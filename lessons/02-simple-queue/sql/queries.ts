// Made from queries.sql by `pnpm typegen`; fingerprint ec54d3afd8f16dd9
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type task_status = 'failed' | 'queued' | 'running' | 'succeeded';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

/** 'InsertTask' parameters type */
export interface InsertTaskParams {
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

const insertTaskIR: any = {"usedParamSet":{"name":true,"input":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"input","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into tasks (name, input)\nvalues ($1, $2::text::jsonb)\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * insert into tasks (name, input)
 * values (:name!, :input!::text::jsonb)
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

const claimTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with due as (\n  select id\n  from tasks\n  where status = 'queued'\n  order by id\n  limit $1\n  for update skip locked  -- A row another worker is claiming is not ours to wait for.\n)\nupdate tasks\nset status = 'running'\nfrom due\nwhere tasks.id = due.id\nreturning tasks.id, tasks.name, tasks.input"};

/**
 * Query generated from SQL:
 * ```
 * with due as (
 *   select id
 *   from tasks
 *   where status = 'queued'
 *   order by id
 *   limit :limit!
 *   for update skip locked  -- A row another worker is claiming is not ours to wait for.
 * )
 * update tasks
 * set status = 'running'
 * from due
 * where tasks.id = due.id
 * returning tasks.id, tasks.name, tasks.input
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


