import { Command } from "commander";
import { start, status, stop } from "./lifecycle.ts";
import { printUrl } from "./print-url.ts";
import { reset } from "./reset-server.ts";

/** Returns the `pnpm db` command for the server in `folder`. Default: the repository's own server. */
export function dbCommand(folder?: string): Command {
  const server = folder === undefined ? {} : { folder };
  const command = new Command("pnpm db")
    .description("control the Postgres that comes with this repository: one server for all lessons")
    .helpCommand(false);
  command
    .command("start")
    .description("start the server; set it up first if necessary")
    .action(() => start(server));
  command
    .command("stop")
    .description("stop the server; keep its data")
    .action(() => stop(server));
  command
    .command("status")
    .description("print whether the server is running, and where its files are")
    .action(() => status(server));
  command
    .command("reset")
    .description("stop the server and delete all its data")
    .option("--force", "even while lessons are connected")
    .action(({ force = false }: { force?: boolean }) => reset(server, { force }));
  command
    .command("url")
    .description("print only the server's URL; start the server if it is not running")
    .argument("[lesson]", "the lesson whose database the URL names, such as 02")
    .addHelpText("after", '\nExample:\n  psql "$(pnpm --silent db url 02)"')
    .action((lesson: string | undefined) => printUrl(server, lesson));
  return command;
}
