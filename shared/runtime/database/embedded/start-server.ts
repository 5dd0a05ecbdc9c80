import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";
import { clusterIn, createCluster, dataIn, isSetUp } from "./cluster.ts";
import { remove } from "./files.ts";
import type { Say } from "./lock.ts";
import { findFreePort, startOnFreePort } from "./ports.ts";
import { findPackage } from "./postgres-package.ts";
import { canConnect, clearStalePidFile, findPostmaster } from "./postmaster.ts";
import { type Programs, preparePrograms } from "./programs.ts";
import { readRecord, type ServerRecord, urlOf, writeRecord } from "./record.ts";
import { stopAll } from "./strays.ts";

/** The URL of the server if it runs and answers. Takes no lock, so it may be out of date by a moment. */
export async function urlIfRunning(folder: string): Promise<string | undefined> {
  const record = readRecord(folder);
  if (!record) return undefined;
  const server = await findPostmaster(dataIn(folder));
  const isUp = server?.ready && server.port === record.port && (await canConnect(server.port));
  return isUp ? urlOf(record) : undefined;
}

/** Starts the server, whatever state its files are in, and returns its URL. Needs the lock of `folder`. */
export async function start(folder: string, say: Say): Promise<string> {
  const startedAt = performance.now();
  const data = dataIn(folder);
  const known = readRecord(folder);
  if (known) {
    const port = await portOnceSettled(folder);
    if (port !== undefined) return remember(folder, { ...known, port });
  }
  // A server that serves this data now has lost its pid file, or its folder was deleted.
  await stopAll(data);
  // Without a record nobody knows the password of what is left, as when the folder was half deleted.
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
 * The port of the running server; undefined if none runs. Waits while it is starting or stopping: the process that
 * started or stopped it may have been killed.
 */
async function portOnceSettled(folder: string): Promise<number | undefined> {
  const giveUpAt = performance.now() + SETTLE_MS;
  for (;;) {
    const server = await findPostmaster(dataIn(folder));
    if (!server) return undefined;
    if (server.ready && (await canConnect(server.port))) return server.port;
    if (performance.now() > giveUpAt) {
      throw new UserError(
        `Postgres runs as process ${server.pid}, but does not answer on port ${server.port}; see its log in ${folder}, then \`pnpm db stop\`.`,
      );
    }
    await sleep(50);
  }
}

/** The record is written first: data whose password is lost would be useless. */
async function setUp(
  folder: string,
  programs: Programs,
  knownPort: number | undefined,
): Promise<ServerRecord> {
  const cluster = clusterIn(folder, programs);
  if (fs.existsSync(cluster.data)) {
    throw new UserError(
      `${cluster.data} is not the complete data of a Postgres; \`pnpm db reset\` starts over, without it.`,
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
