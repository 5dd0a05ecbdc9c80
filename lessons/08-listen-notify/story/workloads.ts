import type { Sql } from "shared/database";
import type { DurableContext, TaskDefinition } from "../engine/index.ts";
import type { Engine } from "./sides.ts";

export type Workload = {
  what: string;
  /** What is counted: `task`, `step` or `child`, and how many there are. */
  unit: string;
  units: string;
  count: number;
  definitions: TaskDefinition<never, unknown>[];
  /** How many tasks end, children included. */
  tasks: number;
  enqueue(sql: Sql): Promise<unknown>;
};

const TASKS = 1_000;
const PROGRAMS = 200;
const STEPS = 5;
const PARENTS = 20;
const CHILDREN = 10;

/** What both engines are given to do. None of it does anything, so that all time is the engine's. */
export function workloads(engine: Engine): Workload[] {
  const nothing = engine.task({ name: "nothing", run: () => {} });
  const steps = engine.durableTask({
    name: "steps",
    run: async (_: null, { step }: DurableContext) => {
      for (let nth = 1; nth <= STEPS; nth += 1) await step(`step ${nth}`, () => nth);
    },
  });
  const child = engine.task({ name: "child", run: () => {} });
  const parent = engine.durableTask({
    name: "parent",
    run: async (_: null, { run }: DurableContext) => {
      await Promise.all(Array.from({ length: CHILDREN }, () => run(child, null)));
    },
  });
  const many = (definition: TaskDefinition<null, unknown>, length: number) => (sql: Sql) =>
    engine.enqueueMany(
      sql,
      definition,
      Array.from({ length }, () => ({ input: null })),
    );
  return [
    {
      what: `${TASKS.toLocaleString("en-US")} tasks`,
      unit: "task",
      units: "tasks",
      count: TASKS,
      definitions: [nothing],
      tasks: TASKS,
      enqueue: many(nothing, TASKS),
    },
    {
      what: `${PROGRAMS} durable tasks of ${STEPS} steps`,
      unit: "step",
      units: "steps",
      count: PROGRAMS * STEPS,
      definitions: [steps],
      tasks: PROGRAMS,
      enqueue: many(steps, PROGRAMS),
    },
    {
      what: `${PARENTS} parents of ${CHILDREN} children`,
      unit: "child",
      units: "children",
      count: PARENTS * CHILDREN,
      definitions: [parent, child],
      tasks: PARENTS + PARENTS * CHILDREN,
      enqueue: many(parent, PARENTS),
    },
  ];
}
