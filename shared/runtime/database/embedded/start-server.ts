import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";
import { clusterIn, createCluster, dataIn, isSetUp } from "./cluster.ts";
import { remove } from "./file-system.ts";
import type { Say } from "./lock.ts";
import { findFreePort, startOnFreePort } from "./ports.ts";
import { findPackage } from "./postgres-package.ts";
import { canConnect, clearStalePidFile, findPostmaster } from "./postmaster.ts";
import { type Programs, preparePrograms } from "./programs.ts";
import { readRecord, type ServerRecord, urlOf, writeRecord } from "./record.ts";
import { stopAll } from "./strays.ts";

/** Returns the URL of the server if it is running and answers. Takes no lock, so the result may be slightly out of date. */
export async function urlIfRunning(folder: string): Promise<string | undefined> {
  const record = readRecord(folder);
  if (!record) return undefined;
  const server = await findPostmaster(dataIn(folder));
  const isUp = server?.ready && server.port === record.port && (await canConnect(server.port));
  return isUp ? urlOf(record) : undefined;
}

/** Starts the server, whatever the state of its files, and returns its URL. Requires the lock of `folder`. */
export async function start(folder: string, say: Say): Promise<string> {
  const startedAt = performance.now();
  const data = dataIn(folder);
  const known = readRecord(folder);
  if (known) {
    const port = await portOnceSettled(folder);
    if (port !== undefined) return remember(folder, { ...known, port });
  }
  // A server that still runs on this data has lost its pid file, or its folder was deleted.
  await stopAll(data);
  // Without a record, the password of the existing data is lost, as after a partial deletion of the folder.
  if (!known) remove(data);

  const name = `Postgres ${findPackage().version.split(".")[0]}`;
  if (!isSetUp(data)) say(`${name} is set up in ${folder} (once) …`);
  const programs = await preparePrograms(say);
  const record = isSetUp(data) && known ? known : await setUp(folder, programs, known?.port);
  await clearStalePidFile(data);
  const port = await startOnFreePort(clusterIn(folder, programs), record.port);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  say(`${name} is ready on 127.0.0.1:${port} (${seconds} s)`);
  return remember(folder, { ...record, port });
}

const SETTLE_MS = 60_000;

/**
 * Returns the port of the running server; undefined if none is running. Waits while the server is starting or stopping: the
 * process that started or stopped it may have been killed.
 */
async function portOnceSettled(folder: string): Promise<number | undefined> {
  const giveUpAt = performance.now() + SETTLE_MS;
  for (;;) {
    const server = await findPostmaster(dataIn(folder));
    if (!server) return undefined;
    if (server.ready && (await canConnect(server.port))) return server.port;
    if (performance.now() > giveUpAt) {
      throw new UserError(
        `Postgres is running as process ${server.pid}, but does not answer on port ${server.port}; see its log in ${folder}, then run \`pnpm db stop\`.`,
      );
    }
    await sleep(50);
  }
}

/** Writes the record first: data without its password would be useless. */
async function setUp(
  folder: string,
  programs: Programs,
  knownPort: number | undefined,
): Promise<ServerRecord> {
  const cluster = clusterIn(folder, programs);
  if (fs.existsSync(cluster.data)) {
    throw new UserError(
      `${cluster.data} is not a complete data folder of Postgres; \`pnpm db reset\` deletes it and starts over.`,
    );
  }
  const record = { port: knownPort ?? (await findFreePort()), password: programs.password };
  writeRecord(folder, record);
  await createCluster(cluster);
  return record;
}

function remember(folder: string, record: ServerRecord): string {
  if (readRecord(folder)?.port !== record.port) writeRecord(folder, record);
  return urlOf(record);
}
