import { Command } from "commander";
import { reset } from "./reset.ts";
import { start, status, stop } from "./server.ts";
import { url } from "./url.ts";

/** The `pnpm db` command, for the server that belongs to `home`: this repository's if not given. */
export function dbCommand(home?: string): Command {
  const server = home === undefined ? {} : { home };
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
    .description("say whether the server runs, and where everything is")
    .action(() => status(server));
  command
    .command("reset")
    .description("stop the server and delete all its data")
    .option("--force", "even while lessons are connected")
    .action(({ force = false }: { force?: boolean }) => reset(server, { force }));
  command
    .command("url")
    .description("print the URL to connect to, and nothing else; start the server if need be")
    .argument("[lesson]", "the lesson whose database the URL is to name, such as 02")
    .addHelpText("after", '\nExample:\n  psql "$(pnpm --silent db url 02)"')
    .action((lesson: string | undefined) => url(server, lesson));
  return command;
}
