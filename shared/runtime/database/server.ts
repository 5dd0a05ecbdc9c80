import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../user-error.ts";
import { connect, type Sql } from "./connect.ts";
import { explainConnectionError, explainEmbeddedError } from "./connection-errors.ts";
import { type EmbeddedOptions, startEmbedded } from "./embedded/index.ts";
import { refuseTransactionPooling } from "./pooler.ts";

/**
 * Returns the URL of the server to use: DATABASE_URL if it is set, otherwise the URL of the repository's own server, which
 * is started if it is not running. Throws a `UserError` that says what to do if the server does not answer, is too old, or
 * does not allow us to create databases.
 */
export async function serverUrl(options: EmbeddedOptions = {}): Promise<string> {
  const url = databaseUrlVariable();
  return url === undefined ? embeddedUrl(options) : givenUrl(url);
}

async function givenUrl(url: string): Promise<string> {
  parseServerUrl(url);
  const { version, user, maySetUp } = await askServer(url).catch((error) => {
    throw explainConnectionError(error, url);
  });
  refuseOldServer(version);
  if (maySetUp) return url;
  throw new UserError(
    `The role "${user}" of DATABASE_URL may not create databases; as a superuser run: alter role "${user}" createdb`,
  );
}

async function embeddedUrl(options: EmbeddedOptions): Promise<string> {
  for (let tries = 1; ; tries++) {
    const url = await startEmbedded(options);
    try {
      await askServer(url);
      return url;
    } catch (error) {
      // The server may have been stopped or killed in the meantime. The next try starts it again.
      if (tries === 5) throw explainEmbeddedError(error);
      await sleep(100 * tries);
    }
  }
}

/** Returns the environment's DATABASE_URL; undefined if it is unset or empty. */
export function databaseUrlVariable(): string | undefined {
  return process.env.DATABASE_URL?.trim() || undefined;
}

/** Throws a `UserError` if this is not a URL of Postgres. The error does not quote it, as it may contain a password. */
export function parseServerUrl(text: string): URL {
  const example = "postgres://user:password@host:5432/database";
  let url: URL;
  try {
    url = new URL(text);
    decodeURIComponent(url.username + url.password);
  } catch {
    throw new UserError(
      `DATABASE_URL is not a URL; write ${example}, with special characters of the password percent-encoded ("@" is %40).`,
    );
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw new UserError(`DATABASE_URL begins with ${url.protocol}//; write ${example}.`);
  }
  return url;
}

/** Returns the URL without its password, for messages. */
export function withoutPassword(url: string): string {
  const shown = parseServerUrl(url);
  shown.password = "";
  shown.search = "";
  return shown.href;
}

const oldestVersion = 15;
const answerWithinMs = 8_000;

/** Throws a `UserError` if the server is too old. `version` is its `server_version_num`, such as 180004. */
export function refuseOldServer(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major >= oldestVersion) return;
  throw new UserError(
    `The server of DATABASE_URL is Postgres ${major}; set DATABASE_URL to Postgres ${oldestVersion} or newer, or unset it to use the one that comes with this repository.`,
  );
}

type ServerAnswer = { version: number; user: string; maySetUp: boolean };

/** Opens a second connection only if there is a pooler in between. */
async function askServer(url: string): Promise<ServerAnswer> {
  const sql = connect(url, { max: 2, applicationName: "durable check" });
  try {
    return await withinTime(answerOf(sql));
  } finally {
    // Not awaited: a server that hangs would not answer this either.
    await sql.end({ timeout: 0 });
  }
}

async function answerOf(sql: Sql): Promise<ServerAnswer> {
  await refuseTransactionPooling(sql);
  const [answer] = await sql<[ServerAnswer]>`
    select current_setting('server_version_num')::int as version,
           current_user as user,
           (select rolcreatedb or rolsuper from pg_roles where rolname = current_user) as may_set_up
  `;
  return answer;
}

/** postgres.js would wait for 30 s, or forever if the server is not Postgres. */
async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error("no answer"), { code: "CONNECT_TIMEOUT" });
    timer = setTimeout(() => reject(error), answerWithinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
