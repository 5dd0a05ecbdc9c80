import { bad, dim, say, spans, tree } from "../runtime/console/index.ts";
import { UserError } from "../runtime/user-error.ts";
import { idFrom, runCommand } from "./command-line.ts";
import { MOST_CALLS, readFamily, type TaskRow } from "./family.ts";
import { familySpans } from "./family-spans.ts";
import { familyTree } from "./family-tree.ts";

await runCommand({
  usage: "inspect ID",
  about: `Prints a task's event log as a tree with its children, and a chart of when each of them ran.
For a task that was replayed, it prints the log since the latest replay.`,
  async run({ database }, given) {
    const id = idFrom(given);
    const family = await readFamily(database.sql, id);
    if (!family) throw new UserError(`There is no task ${id}.`);
    say();
    tree(familyTree(family), MOST_CALLS);
    const times = familySpans(family);
    if (times.length > 0) {
      say();
      spans(times);
      say(dim("  █ running, from its first event to its last   ░ waiting for children"));
    }
    sayOutcome(family.root);
  },
});

function sayOutcome({ status, output, error }: TaskRow): void {
  say();
  if (error) say(`  ${bad(error.message)}`);
  else if (status !== "succeeded") say(`  ${status}`);
  else if (Array.isArray(output)) for (const line of output) say(`  ${textOf(line)}`);
  else say(`  ${textOf(output)}`);
}

function textOf(output: unknown): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}
