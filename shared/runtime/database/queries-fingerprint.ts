import { createHash } from "node:crypto";

/** Returns the first line of a generated `queries.ts`, which identifies the `queries.sql` that it was made from. */
export function queriesFingerprint(queriesSql: string): string {
  const hash = createHash("sha256").update(queriesSql.replaceAll("\r\n", "\n")).digest("hex");
  return `// Made from queries.sql by \`pnpm typegen\`; fingerprint ${hash.slice(0, 16)}`;
}
