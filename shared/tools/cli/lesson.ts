import { Command } from "commander";
import { reportAndFail } from "../../runtime/user-error.ts";
import { docsCommand } from "../docs/docs-command.ts";
import { changesCommand } from "../lessons/changes-command.ts";
import { diffCommand } from "../lessons/diff-command.ts";
import { listCommand } from "../lessons/list-command.ts";
import { propagateCommand } from "../propagate/propagate-command.ts";
import { proveCommand } from "../staircase/prove-command.ts";

const program = new Command("pnpm lesson")
  .description("read, compare, prove and maintain the lessons")
  .addCommand(listCommand())
  .addCommand(diffCommand())
  .addCommand(proveCommand())
  .addCommand(docsCommand())
  .addCommand(changesCommand())
  .addCommand(propagateCommand());

await program.parseAsync().catch(reportAndFail);
