import { durableTask, type TaskDefinition, task } from "#engine";

const never = task({ name: "nobody knows it", run: (_: number) => {} });
const parent = durableTask({ name: "parent", run: (n: number, { run }) => run(never, n) });

type GroupOfTasks = {
  what: string;
  /** What the text of its statement matches, and only that. */
  statement: string;
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
    statement: "set event_count = event_count \\+ (total|1)\\s+(from|where)",
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
    statement: "open_children = open_children \\+",
    definition: () => parent,
    logs: / suspended /,
    written: "select parent_id as id from tasks where parent_id is not null",
  },
  {
    what: "suspensions",
    statement: "then 'suspended' else status",
    definition: () => parent,
    logs: / suspended /,
    written: "select id from tasks where status = 'suspended'",
  },
  {
    what: "outputs",
    statement: "set status = 'succeeded'",
    definition: () => task({ name: "echo", run: (n: number) => n }),
    logs: / succeeded /,
    written: "select id from tasks where status = 'succeeded'",
  },
];
