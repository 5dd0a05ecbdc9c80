import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../user-error.ts";
import { binariesFor } from "./binaries-for.ts";
import { type Cluster, createCluster, isSetUp } from "./cluster.ts";
import type { Say } from "./lock.ts";
import { choosePlace, type Place, refuseForeign } from "./place.ts";
import { findFreePort, startOnFreePort } from "./ports.ts";
import { canConnect, clearStalePidFile, findPostmaster } from "./postmaster.ts";
import { readRecord, type ServerRecord, urlOf, writeRecord } from "./record.ts";
import { removeSetups, stopAll } from "./strays.ts";

/** The URL of the server if it runs and answers. Takes no lock, so it may be wrong by a moment. */
export async function urlIfRunning(home: string): Promise<string | undefined> {
  if (!fs.existsSync(home)) return undefined;
  refuseForeign(home);
  const record = readRecord(home);
  if (!record) return undefined;
  const server = await findPostmaster(path.join(record.elsewhere ?? fs.realpathSync(home), "data"));
  const isUp = server?.ready && server.port === record.port && (await canConnect(server.port));
  return isUp ? urlOf(record) : undefined;
}

/** The way that trusts nothing of what it finds. Call it with the lock of `home`. */
export async function start(home: string, say: Say): Promise<string> {
  const startedAt = performance.now();
  const known = readRecord(home);
  const place = choosePlace(home, known);
  if (known) {
    const port = await portOnceSettled(place);
    if (port !== undefined) return remember(home, { ...known, port });
  }
  // From here on, whatever serves this data has lost its pid file, or its home.
  await stopAll(place.data);
  await removeSetups(place.folder);

  const binaries = await binariesFor(place.user, home);
  const cluster = { place, binaries };
  const name = `Postgres ${binaries.version.split(".")[0]}`;
  if (!known) clear(place);
  const record = await recordFor(home, place, known);
  if (!isSetUp(place)) {
    say(`${name} is set up in ${shown(home, place)} (once) …`);
    await setUp(cluster, record);
  }
  await clearStalePidFile(place.data);
  const port = await startOnFreePort(cluster, record.port);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  say(`${name} is ready on 127.0.0.1:${port} (${seconds} s)`);
  return remember(home, { ...record, port });
}

const settleMs = 60_000;

/**
 * The port of the server that runs, once it is neither starting nor stopping any more: the process
 * that started or stopped it may have been killed in the middle. Undefined if none runs.
 */
async function portOnceSettled({ data, log }: Place): Promise<number | undefined> {
  const giveUpAt = performance.now() + settleMs;
  for (;;) {
    const server = await findPostmaster(data);
    if (!server) return undefined;
    if (server.ready && (await canConnect(server.port))) return server.port;
    if (performance.now() > giveUpAt) {
      throw new UserError(
        `Postgres runs as process ${server.pid}, but does not answer on port ${server.port}; see its log, ${log}, then \`pnpm db stop\`.`,
      );
    }
    await sleep(50);
  }
}

/** Without a record nobody knows the password of the data that is left, as when `.postgres` was deleted. */
function clear({ data, log }: Place): void {
  for (const file of [data, log]) {
    fs.rmSync(file, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Written down before there is anything to remember: data whose password is lost would be useless. */
async function recordFor(
  home: string,
  { folder }: Place,
  known: ServerRecord | undefined,
): Promise<ServerRecord> {
  const record = {
    port: known?.port ?? (await findFreePort()),
    password: known?.password ?? randomBytes(24).toString("hex"),
    ...(folder !== fs.realpathSync(home) && { elsewhere: folder }),
  };
  if (!known || record.elsewhere !== known.elsewhere) writeRecord(home, record);
  return record;
}

async function setUp(cluster: Cluster, { password }: ServerRecord): Promise<void> {
  const { data } = cluster.place;
  if (fs.existsSync(data)) {
    throw new UserError(
      `${data} is not the complete data of a Postgres; \`pnpm db reset\` starts anew, without it.`,
    );
  }
  await createCluster(cluster, password);
}

function remember(home: string, record: ServerRecord): string {
  if (readRecord(home)?.port !== record.port) writeRecord(home, record);
  return urlOf(record);
}

function shown(home: string, { folder }: Place): string {
  return folder === fs.realpathSync(home) ? path.basename(home) : folder;
}
