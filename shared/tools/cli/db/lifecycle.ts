import { connect } from "../../../runtime/database/connect.ts";
import {
  type EmbeddedOptions,
  type EmbeddedStatus,
  embeddedStatus,
  startEmbedded,
  stopEmbedded,
} from "../../../runtime/database/embedded/index.ts";
import { databaseUrlVariable, withoutPassword } from "../../../runtime/database/server.ts";

/** `pnpm db start` */
export async function start(server: EmbeddedOptions): Promise<void> {
  await startEmbedded({ ...server, say: print });
  await status(server);
}

/** `pnpm db stop` */
export async function stop(server: EmbeddedOptions): Promise<void> {
  const stopped = await stopEmbedded({ ...server, say: print });
  print(stopped ? "Postgres is stopped; its data is kept." : "Postgres was not running.");
  printUntouchedServer();
}

/** `pnpm db status` */
export async function status(server: EmbeddedOptions): Promise<void> {
  const found = await embeddedStatus(server);
  print(await headline(found, server));
  if (found.state !== "not set up") print(`Its data and its log are in ${found.folder}.`);
  const given = databaseUrlVariable();
  if (given !== undefined) {
    print(`DATABASE_URL is set and takes precedence: the lessons use ${withoutPassword(given)}`);
  }
}

/** For commands that stop a server: they only affect the repository's own server. */
export function printUntouchedServer(): void {
  const given = databaseUrlVariable();
  if (given !== undefined)
    print(`The server of DATABASE_URL is left alone: ${withoutPassword(given)}`);
}

export function print(line: string): void {
  console.log(line);
}

async function headline({ state, port }: EmbeddedStatus, server: EmbeddedOptions): Promise<string> {
  switch (state) {
    case "running":
      return `Postgres ${await versionOf(server)} is running on 127.0.0.1:${port}.`;
    case "stopped":
      return `Postgres is stopped; \`pnpm db start\` or any lesson starts it on 127.0.0.1:${port}.`;
    case "not set up":
      return "Postgres is not set up yet; `pnpm db start` or any lesson sets it up.";
  }
}

async function versionOf(server: EmbeddedOptions): Promise<string> {
  const sql = connect(await startEmbedded(server), { max: 1 });
  try {
    const [answer] = await sql<[{ version: string }]>`
      select current_setting('server_version') as version
    `;
    return answer.version;
  } finally {
    await sql.end();
  }
}
