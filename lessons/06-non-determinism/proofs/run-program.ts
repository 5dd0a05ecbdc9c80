import { setTimeout as pause } from "node:timers/promises";
import type { TaskContext } from "#engine";
import type { Program, Special, StepCall } from "./programs.ts";

/** What a run of a program has seen. */
export type Trace = {
  /** The calls that it made, in order. */
  made: number[];
  /** The results that it got, in order, across all branches. */
  settled: string[];
};

/** Runs a program and returns its output. */
export async function runProgram(
  program: Program,
  context: TaskContext,
  trace: Trace,
): Promise<unknown> {
  const run = (part: Program) => runProgram(part, context, trace);
  switch (program.kind) {
    case "step":
      return runStep(program, context, trace);
    case "random":
    case "uuid":
    case "now":
    case "patched": {
      trace.made.push(program.id);
      trace.settled.push(String(await special(program, context)));
      // The result itself would differ from task to task.
      return program.kind;
    }
    case "wait":
      return pause(program.ms, "waited");
    case "sequence": {
      const outputs: unknown[] = [];
      for (const part of program.parts) outputs.push(await run(part));
      return outputs;
    }
    case "all":
      return Promise.all(program.parts.map(run));
    case "allSettled": {
      const settled = await Promise.allSettled(program.parts.map(run));
      return settled.map((each) =>
        each.status === "fulfilled" ? each.value : String(each.reason.message),
      );
    }
    case "race":
      return Promise.race(program.parts.map(run));
    case "any":
      return Promise.any(program.parts.map(run));
    case "try":
      try {
        return await run(program.body);
      } catch (error) {
        trace.settled.push(`caught ${(error as Error).message}`);
        return run(program.handler);
      }
  }
}

async function runStep(call: StepCall, { step }: TaskContext, trace: Trace): Promise<string> {
  const { id, name, input, ms, failures } = call;
  trace.made.push(id);
  const work = async ({ attempt }: { attempt: number }) => {
    if (ms > 0) await pause(ms);
    if (attempt <= failures) throw new Error(`${name} ${input} failed`);
    return `${name} ${input}`;
  };
  const options = { input, retry: { maxAttempts: 2, backoffMs: 0 } };
  try {
    const output = await step(name, work, options);
    trace.settled.push(output);
    return output;
  } catch (error) {
    trace.settled.push((error as Error).message);
    throw error;
  }
}

/** An engine without these calls leaves a handler with what JavaScript has. */
function special(
  { kind, id }: { kind: Special; id: number },
  context: Partial<TaskContext>,
): unknown {
  switch (kind) {
    case "random":
      return (context.random ?? Math.random)();
    case "uuid":
      return (context.uuid ?? crypto.randomUUID.bind(crypto))();
    case "now":
      return (context.now ?? Date.now)();
    case "patched":
      return context.patched?.(`patch ${id}`) ?? true;
  }
}
