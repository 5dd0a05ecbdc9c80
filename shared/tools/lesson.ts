import { Command } from "commander";
import { reportAndFail } from "../errors.ts";
import { changesCommand } from "./changes.ts";
import { diffCommand } from "./diff.ts";
import { docsCommand } from "./docs.ts";
import { listCommand } from "./list.ts";
import { propagateCommand } from "./propagate.ts";
import { proveCommand } from "./prove.ts";

const program = new Command("pnpm lesson")
  .description("read, compare, prove and maintain the lessons")
  .addCommand(listCommand())
  .addCommand(diffCommand())
  .addCommand(proveCommand())
  .addCommand(docsCommand())
  .addCommand(changesCommand())
  .addCommand(propagateCommand());

await program.parseAsync().catch(reportAndFail);
