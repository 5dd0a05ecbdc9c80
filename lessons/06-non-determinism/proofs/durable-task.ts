import * as engine from "#engine";

type Define = typeof engine.task;

/** How an engine defines a task that has an event log: where there are two kinds of tasks, the other kind. */
function durableTaskOf(tested: { task: Define; durableTask?: Define }): Define {
  return tested.durableTask ?? tested.task;
}

export const durableTask = durableTaskOf(engine);
