import { durableTask, type TaskDefinition, task } from "#engine";

const never = task({ name: "nobody knows it", run: (_: number) => {} });
const parent = durableTask({ name: "parent", run: (n: number, { run }) => run(never, n) });

type GroupOfTasks = {
  what: string;
  /** The query that writes it for many tasks. */
  batch: string;
  /** The query that writes it for one. */
  single: string;
  /** Tasks that are in one group if they run side by side; `told` is called when they hear of it. */
  definition: (told: () => void) => TaskDefinition<number, unknown>;
  /** What the worker logs when it hears of it, if `told` is not called. */
  logs: RegExp;
  /** A query for the tasks that have it written. */
  written: string;
};

/** What tasks write in one group. */
export const GROUPS: GroupOfTasks[] = [
  {
    what: "steps",
    batch: "appendEvents",
    single: "appendEvent",
    definition: (told) =>
      durableTask({
        name: "order",
        run: async (_: number, { step }) => {
          await step("write", () => {});
          told();
        },
      }),
    logs: /^$/,
    written: "select task_id as id from events",
  },
  {
    what: "starts of children",
    batch: "startChildren",
    single: "startChild",
    definition: () => parent,
    logs: / suspended /,
    written: "select parent_id as id from tasks where parent_id is not null",
  },
  {
    what: "suspensions",
    batch: "suspendTasks",
    single: "suspendTask",
    definition: () => parent,
    logs: / suspended /,
    written: "select id from tasks where status = 'suspended'",
  },
  {
    what: "outputs",
    batch: "succeedTasks",
    single: "succeedTask",
    definition: () => task({ name: "echo", run: (n: number) => n }),
    logs: / succeeded /,
    written: "select id from tasks where status = 'succeeded'",
  },
];
