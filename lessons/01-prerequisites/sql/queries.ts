// Made from queries.sql by `pnpm typegen`; fingerprint 65b9055cd4395858
/** Types generated for queries found in "sql/queries.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type NumberOrString = number | string;

/** 'InsertTask' parameters type */
export interface InsertTaskParams {
  input: Json;
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

const insertTaskIR: any = {"usedParamSet":{"name":true,"input":true},"params":[{"name":"name","required":true,"transform":{"type":"scalar"},"locs":[]},{"name":"input","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"insert into tasks (name, input)\nvalues ($1, $2)\nreturning id"};

/**
 * Query generated from SQL:
 * ```
 * insert into tasks (name, input)
 * values (:name!, :input!)
 * returning id
 * ```
 */
export const insertTask = new PreparedQuery<InsertTaskParams,InsertTaskResult>(insertTaskIR);


/** 'ReadTasks' parameters type */
export interface ReadTasksParams {
  limit: NumberOrString;
}

/** 'ReadTasks' return type */
export interface ReadTasksResult {
  id: string;
  input: Json;
  name: string;
}

/** 'ReadTasks' query type */
export interface ReadTasksQuery {
  params: ReadTasksParams;
  result: ReadTasksResult;
}

const readTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select id, name, input\nfrom tasks\norder by id\nlimit $1"};

/**
 * Query generated from SQL:
 * ```
 * select id, name, input
 * from tasks
 * order by id
 * limit :limit!
 * ```
 */
export const readTasks = new PreparedQuery<ReadTasksParams,ReadTasksResult>(readTasksIR);


/** 'LockTasks' parameters type */
export interface LockTasksParams {
  limit: NumberOrString;
}

/** 'LockTasks' return type */
export interface LockTasksResult {
  id: string;
  input: Json;
  name: string;
}

/** 'LockTasks' query type */
export interface LockTasksQuery {
  params: LockTasksParams;
  result: LockTasksResult;
}

const lockTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select id, name, input\nfrom tasks\norder by id\nlimit $1\nfor update"};

/**
 * Query generated from SQL:
 * ```
 * select id, name, input
 * from tasks
 * order by id
 * limit :limit!
 * for update
 * ```
 */
export const lockTasks = new PreparedQuery<LockTasksParams,LockTasksResult>(lockTasksIR);


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

const claimTasksIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"select id, name, input\nfrom tasks\norder by id\nlimit $1\nfor update skip locked"};

/**
 * Query generated from SQL:
 * ```
 * select id, name, input
 * from tasks
 * order by id
 * limit :limit!
 * for update skip locked
 * ```
 */
export const claimTasks = new PreparedQuery<ClaimTasksParams,ClaimTasksResult>(claimTasksIR);


/** 'DeleteTask' parameters type */
export interface DeleteTaskParams {
  id: NumberOrString;
}

/** 'DeleteTask' return type */
export type DeleteTaskResult = void;

/** 'DeleteTask' query type */
export interface DeleteTaskQuery {
  params: DeleteTaskParams;
  result: DeleteTaskResult;
}

const deleteTaskIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[]}],"statement":"delete from tasks\nwhere id = $1"};

/**
 * Query generated from SQL:
 * ```
 * delete from tasks
 * where id = :id!
 * ```
 */
export const deleteTask = new PreparedQuery<DeleteTaskParams,DeleteTaskResult>(deleteTaskIR);


