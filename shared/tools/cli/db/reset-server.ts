import { connect } from "../../../runtime/database/connect.ts";
import {
  type EmbeddedOptions,
  embeddedStatus,
  resetEmbedded,
  startEmbedded,
} from "../../../runtime/database/embedded/index.ts";
import { UserError } from "../../../runtime/user-error.ts";
import { print, printUntouchedServer } from "./lifecycle.ts";

/** `pnpm db reset` */
export async function reset(server: EmbeddedOptions, { force }: { force: boolean }): Promise<void> {
  if (!force) await refuseWhileInUse(server);
  await resetEmbedded({ ...server, say: print });
  print("Postgres and all its data are deleted; the next start sets up an empty one.");
  printUntouchedServer();
}

async function refuseWhileInUse(server: EmbeddedOptions): Promise<void> {
  // A reset must also work for a server that is too broken to answer.
  const clients = await connectedClients(server).catch(() => []);
  if (clients.length === 0) return;
  throw new UserError(
    `Nothing was deleted, because ${clients.join(", ")} is connected; stop it first, or add --force.`,
  );
}

/** Returns clients as `durable (durable_lesson_02, 10 connections)`; an empty array if the server is not running. */
async function connectedClients(server: EmbeddedOptions): Promise<string[]> {
  const { state } = await embeddedStatus(server);
  if (state !== "running") return [];
  const sql = connect(await startEmbedded(server), { max: 1 });
  try {
    const clients = await sql<{ name: string; database: string; connections: number }[]>`
      select coalesce(nullif(application_name, ''), 'a program without a name') as name,
             datname as database,
             count(*)::int as connections
      from pg_stat_activity
      where backend_type = 'client backend'
        and pid <> pg_backend_pid()
      group by 1, 2
      order by 1, 2
    `;
    return clients.map(({ name, database, connections }) => {
      const count = connections === 1 ? "1 connection" : `${connections} connections`;
      return `${name} (${database}, ${count})`;
    });
  } finally {
    await sql.end();
  }
}
