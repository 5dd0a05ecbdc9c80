import { messageOf } from "../../values/index.ts";
import { UserError } from "../user-error.ts";

/**
 * Converts an error of connecting to the server of DATABASE_URL: returns a `UserError` that says what went wrong and what
 * to do, without the password, or the error itself if it has no code. The database in `url` may differ from DATABASE_URL's.
 */
export function explainConnectionError(error: unknown, url: string): unknown {
  if (error instanceof UserError) return error;
  const { code = "" } = error as { code?: string };
  if (code === "") return error;
  return new UserError(explanation(code, messageOf(error), new URL(url)), { cause: error });
}

/** Converts an error of connecting to the repository's own server, which was running a moment ago. */
export function explainEmbeddedError(error: unknown): unknown {
  const { code = "" } = error as { code?: string };
  if (code === "") return error;
  return new UserError(
    `The Postgres of this repository is running but refuses the connection: ${messageOf(error)}. ` +
      "Restart it (`pnpm db stop`, then try again), or delete it and its data: `pnpm db reset`.",
    { cause: error },
  );
}

function explanation(code: string, message: string, url: URL): string {
  const { username, pathname } = url;
  const hostname = decodeURIComponent(url.hostname);
  const server = `${hostname}:${url.port || 5432}`;
  const user = decodeURIComponent(username);
  const database = decodeURIComponent(pathname.slice(1)) || user;
  if (isTlsError(code, message)) {
    return `No TLS connection to ${server} (${message}); add ?sslmode=require to DATABASE_URL if the server wants TLS, ?sslmode=disable if it has none.`;
  }
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host "${hostname}" in DATABASE_URL cannot be resolved; check its spelling and your network.`;
    case "ECONNREFUSED":
      return `No server is listening on ${server}; start the server of DATABASE_URL, or unset DATABASE_URL to use the one that comes with this repository.`;
    case "ENOENT":
      return `There is no Postgres socket in ${hostname} (port ${url.port || 5432}); start the server of DATABASE_URL, or correct the folder.`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${server} is unreachable from this machine; check the host in DATABASE_URL and your network.`;
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return `${server} does not answer as a Postgres server; check the host and port in DATABASE_URL, and that no firewall is in between.`;
    case "ECONNRESET":
    case "CONNECTION_CLOSED":
    case "EPIPE":
      return `${server} closed the connection; check that it is a Postgres server, and read its log.`;
    case "28P01":
      return `The password for "${user}" is wrong on ${server}; correct it in DATABASE_URL, with special characters percent-encoded ("@" is %40).`;
    case "28000":
      return `${server} rejects the user "${user}" (${message}); check the user in DATABASE_URL, and the server's pg_hba.conf.`;
    case "3D000":
      return `There is no database "${database}" on ${server}; name an existing one in DATABASE_URL, such as "postgres".`;
    case "42501":
      return `"${user}" may not connect to the database "${database}" on ${server}; name another one in DATABASE_URL, such as "postgres".`;
    case "53300":
      return `${server} has too many connections (${message}); close some, or raise its limit.`;
    case "57P03":
      return `${server} is starting or stopping (${message}); try again in a moment.`;
    default:
      if (/^no such database/.test(message)) {
        return `PgBouncer on ${server} has no database "${database}"; add the line "* = host=… port=…" to its [databases], or use the port of Postgres itself in DATABASE_URL.`;
      }
      return `${server} refuses the connection: ${message} (${code}); check DATABASE_URL.`;
  }
}

function isTlsError(code: string, message: string): boolean {
  const names = /^(ERR_(TLS|SSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;
  // A missing line in pg_hba.conf (28000) names the encryption, too.
  return names.test(code) || (code !== "28000" && /\b(TLS|SSL|no encryption)\b/.test(message));
}
