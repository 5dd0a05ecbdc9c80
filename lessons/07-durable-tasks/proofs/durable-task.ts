import * as engine from "#engine";

type Engine = Pick<typeof engine, "task"> & Partial<typeof engine>;

/** How an engine defines a task that has an event log: where there are two kinds of tasks, the other kind. */
export function durableTaskOf(tested: Engine): typeof engine.durableTask {
  return tested.durableTask ?? (tested.task as never);
}

export const durableTask = durableTaskOf(engine);
