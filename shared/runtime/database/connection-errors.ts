import { UserError } from "../user-error.ts";

/**
 * Returns what to throw for an error on the way to a server of DATABASE_URL: a `UserError` that says what went wrong and
 * what to do, without the password, or the error itself if it has no code. `url` may name another database than DATABASE_URL.
 */
export function explainConnectionError(error: unknown, url: string): unknown {
  if (error instanceof UserError) return error;
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code === "") return error;
  return new UserError(explanation(code, message, new URL(url)), { cause: error });
}

/** The same for the repository's own server, which was running a moment ago. */
export function explainEmbeddedError(error: unknown): unknown {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code === "") return error;
  return new UserError(
    `The Postgres of this repository runs but does not let us in: ${message}. ` +
      "Restart it (`pnpm db stop`, then try again), or delete it with its data: `pnpm db reset`.",
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
      return `The host "${hostname}" of DATABASE_URL is unknown; check its spelling and your network.`;
    case "ECONNREFUSED":
      return `Nothing listens at ${server}; start the server of DATABASE_URL, or unset DATABASE_URL to use the one that comes with this repository.`;
    case "ENOENT":
      return `There is no socket of Postgres in ${hostname} (port ${url.port || 5432}); start the server of DATABASE_URL, or correct the folder.`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${server} is unreachable from here; check the host of DATABASE_URL and your network.`;
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return `${server} does not answer like a Postgres does; check host and port of DATABASE_URL, and that no firewall is in between.`;
    case "ECONNRESET":
    case "CONNECTION_CLOSED":
    case "EPIPE":
      return `${server} closed the connection; check that a Postgres listens there, and what its log says.`;
    case "28P01":
      return `The password for "${user}" is wrong at ${server}; set the right one in DATABASE_URL, its special characters as %-codes ("@" is %40).`;
    case "28000":
      return `${server} does not let "${user}" in (${message}); check the user of DATABASE_URL, and the server's pg_hba.conf.`;
    case "3D000":
      return `There is no database "${database}" at ${server}; name one that exists in DATABASE_URL, such as "postgres".`;
    case "42501":
      return `"${user}" may not connect to the database "${database}" at ${server}; name another one in DATABASE_URL, such as "postgres".`;
    case "53300":
      return `${server} has too many connections (${message}); close some, or raise its limit.`;
    case "57P03":
      return `${server} is starting or stopping (${message}); try again in a moment.`;
    default:
      if (/^no such database/.test(message)) {
        return `PgBouncer at ${server} has no database "${database}"; add the line "* = host=… port=…" to its [databases], or use the port of Postgres itself in DATABASE_URL.`;
      }
      return `${server} refuses the connection: ${message} (${code}); check DATABASE_URL.`;
  }
}

function isTlsError(code: string, message: string): boolean {
  const names = /^(ERR_(TLS|SSL)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;
  return names.test(code) || /\b(TLS|SSL|no encryption)\b/.test(message);
}
