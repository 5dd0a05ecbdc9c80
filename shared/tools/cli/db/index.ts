import { Command } from "commander";
import { start, status, stop } from "./lifecycle.ts";
import { printUrl } from "./print-url.ts";
import { reset } from "./reset-server.ts";

/** The `pnpm db` command, for the server in `folder`. Default: the one of this repository. */
export function dbCommand(folder?: string): Command {
  const server = folder === undefined ? {} : { folder };
  const command = new Command("pnpm db")
    .description("The Postgres that comes with this repository: one server for all lessons.")
    .helpCommand(false);
  command
    .command("start")
    .description("start the server; the first time, set it up")
    .action(() => start(server));
  command
    .command("stop")
    .description("stop the server; its data stays")
    .action(() => stop(server));
  command
    .command("status")
    .description("print whether the server runs, and where its files are")
    .action(() => status(server));
  command
    .command("reset")
    .description("stop the server and delete all its data")
    .option("--force", "even while lessons are connected")
    .action(({ force = false }: { force?: boolean }) => reset(server, { force }));
  command
    .command("url")
    .description("print the URL to connect to, and nothing else; start the server if need be")
    .argument("[lesson]", "the lesson whose database the URL names, such as 02")
    .addHelpText("after", '\nExample:\n  psql "$(pnpm --silent db url 02)"')
    .action((lesson: string | undefined) => printUrl(server, lesson));
  return command;
}
