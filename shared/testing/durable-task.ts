/** Returns the engine's function that defines a task with an event log: `durableTask`, or `task` if all tasks have one. */
export function durableTaskOf<Engine extends { task: unknown }>(engine: Engine): DefineOf<Engine> {
  return ("durableTask" in engine ? engine.durableTask : engine.task) as DefineOf<Engine>;
}

type DefineOf<Engine extends { task: unknown }> = Engine extends { durableTask: infer Define }
  ? Define
  : Engine["task"];
