/** A name, and the function that runs when a task of that name is claimed. */
export type TaskDefinition<Input, Output> = {
  name: string;
  run: (input: Input) => Promise<Output> | Output;
};

/** Defines a task. Its types come from the handler: `run: async (order: Order) => …`. */
export function task<Input, Output>(
  definition: TaskDefinition<Input, Output>,
): TaskDefinition<Input, Output> {
  return definition;
}
