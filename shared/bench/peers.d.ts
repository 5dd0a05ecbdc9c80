// The parts of the peers' types that we use, so that the type check works without the peers installed.

declare module "graphile-worker" {
  import type { Pool } from "pg";
  export class Logger {
    constructor(factory: (scope: object) => (level: string, message: string) => void);
  }
  export type WorkerUtils = {
    migrate(): Promise<void>;
    addJob(identifier: string, payload: unknown): Promise<unknown>;
    addJobs(jobs: { identifier: string; payload: unknown }[]): Promise<unknown>;
    withPgClient<T>(use: (client: { query(text: string): Promise<T> }) => Promise<T>): Promise<T>;
    release(): Promise<void>;
  };
  export function makeWorkerUtils(options: {
    connectionString: string;
    logger: Logger;
  }): Promise<WorkerUtils>;
  export function run(options: {
    pgPool: Pool;
    preset: { worker: Record<string, unknown> };
    taskList: Record<string, (payload: unknown) => unknown>;
    parsedCronItems: never[];
    noHandleSignals: boolean;
  }): Promise<{ stop(): Promise<void> }>;
}

declare module "pg" {
  export class Pool {
    constructor(options: { connectionString: string; max: number });
    readonly options: { max: number };
    on(event: string, listener: (error: Error) => void): this;
    connect(): Promise<{ release(): void }>;
    end(): Promise<void>;
  }
  const pg: { Pool: typeof Pool };
  export default pg;
}

declare module "pg-boss" {
  export class PgBoss {
    constructor(options: { connectionString: string } & object);
    on(event: "error", listener: (error: Error) => void): this;
    start(): Promise<unknown>;
    stop(options: { graceful: boolean; timeout?: number }): Promise<void>;
    createQueue(name: string, options: object): Promise<void>;
    insert(name: string, jobs: { data: object }[]): Promise<unknown>;
    send(name: string, data: object): Promise<unknown>;
    work(
      name: string,
      options: object,
      handler: (jobs: { data: unknown }[]) => Promise<void>,
    ): Promise<string>;
    offWork(name: string, options: { wait: boolean }): Promise<void>;
  }
}

declare module "@dbos-inc/dbos-sdk" {
  type Handle<T> = { getResult(): Promise<T> };
  type Workflow<A extends unknown[], R> = (...args: A) => Promise<R>;
  export const DBOS: {
    migrate(url: string): Promise<void>;
    setConfig(config: { name: string } & Record<string, unknown>): void;
    launch(): Promise<void>;
    shutdown(options: { workflowCompletionTimeoutMS: number; deregister: boolean }): Promise<void>;
    registerWorkflow<A extends unknown[], R>(
      run: Workflow<A, R>,
      options: { name: string },
    ): Workflow<A, R>;
    runStep<R>(run: () => Promise<R>, options: { name: string }): Promise<R>;
    startWorkflow<A extends unknown[], R>(run: Workflow<A, R>): (...args: A) => Promise<Handle<R>>;
  };
  export class DBOSClient {
    static create(options: Record<string, unknown>): Promise<DBOSClient>;
    registerQueue(name: string, options: object): Promise<unknown>;
    listQueues(): Promise<unknown>;
    enqueue(options: object, ...args: unknown[]): Promise<unknown>;
    destroy(): Promise<void>;
  }
}

declare module "openworkflow" {
  type Spec = object;
  type Steps = {
    run<T>(config: { name: string }, run: () => Promise<T> | T): Promise<T>;
    runWorkflow(spec: Spec, input: unknown, options: { name: string }): Promise<unknown>;
  };
  export class OpenWorkflow {
    constructor(options: { backend: object });
    newWorker(options: { concurrency?: number | undefined }): {
      start(): Promise<void>;
      stop(): Promise<void>;
    };
    defineWorkflow<Input, Output>(
      spec: { name: string },
      run: (context: { input: Input; step: Steps }) => Promise<Output> | Output,
    ): { workflow: { spec: Spec }; run(input: Input): Promise<unknown> };
  }
}

declare module "openworkflow/postgres" {
  export class BackendPostgres {
    static connect(url: string): Promise<BackendPostgres>;
    countWorkflowRuns(): Promise<unknown>;
    stop(): Promise<void>;
  }
}

declare module "absurd-sdk" {
  type Context = {
    step<T>(name: string, run: () => Promise<T>): Promise<T>;
    awaitTaskResult(id: string, options: { queue: string }): Promise<{ result?: unknown }>;
  };
  export class Absurd {
    constructor(options: { db: string; queueName: string });
    registerTask<Input>(
      options: { name: string },
      run: (input: Input, context: Context) => Promise<unknown>,
    ): void;
    spawn(name: string, input: unknown, options?: { queue: string }): Promise<{ taskID: string }>;
    startWorker(options: object): Promise<unknown>;
    close(): Promise<void>;
  }
}
