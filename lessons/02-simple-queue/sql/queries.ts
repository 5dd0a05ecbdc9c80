// Made from queries.sql by `pnpm typegen`; fingerprint c7b10cf5e69c27c5
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type task_status = 'failed' | 'queued' | 'running' | 'succeeded';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

/** 'InsertTasks' parameters type */
export interface InsertTasksParams {
  name: string;
  tasks: string;
}

/** 'InsertTasks' return type */
export interface InsertTasksResult {
  id: string;
}

/** 'InsertTasks' query type */
export interface InsertTasksQuery {
  params: InsertTasksParams;
  result: InsertTasksResult;
}

const insertTasksIR: any = {"usedParamSet":{"name":true,"tasks":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"tasks","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into tasks (name, input)\nselect $1, input::payload\nfrom json_to_recordset($2::text::json) as task (\n  input text\n)\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * insert into tasks (name, input)
 * select :name!, input::payload
 * from json_to_recordset(:tasks!::text::json) as task (
 *   input text
 * )
 * returning id
 * ```
 */
export const insertTasks = new PreparedQuery<InsertTasksParams,InsertTasksResult>(insertTasksIR);


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

const claimTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"with due as (\n  select id\n  from tasks\n  where status = 'queued'\n  order by id\n  limit $1\n  for update skip locked  -- Do not wait for a row that another worker is claiming.\n),\nclaimed as (\n  update tasks\n  set status = 'running'\n  where id = any (array(select id from due))\n  returning *\n)\nselect id, name, input\nfrom claimed\norder by id"};

/**
 * Query generated from SQL:
 * ```
 * with due as (
 *   select id
 *   from tasks
 *   where status = 'queued'
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


