import { bad, dim, say, spans, tree } from "shared/console";
import { UserError } from "shared/user-error";
import { idFrom, runCommand } from "./command-line.ts";
import { MOST_CALLS, readFamily, type TaskRow } from "./family.ts";
import { familySpans } from "./family-spans.ts";
import { familyTree } from "./family-tree.ts";

await runCommand({
  usage: "inspect ID",
  about: `Prints a task's log as a tree, with its children, and below it when each of them was under way.
The log of a task that was replayed is shown from its last beginning on.`,
  async run({ sql }, given) {
    const id = idFrom(given);
    const family = await readFamily(sql, id);
    if (!family) throw new UserError(`There is no task ${id}.`);
    say();
    tree(familyTree(family), MOST_CALLS);
    const times = familySpans(family);
    if (times.length > 0) {
      say();
      spans(times);
      say(dim("  █ under way, from the first event to the last   ░ waits for children"));
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
