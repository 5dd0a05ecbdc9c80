import { createHash } from "node:crypto";

/** The first line of a generated `queries.ts`: says which `queries.sql` it was made from. */
export function queriesFingerprint(queriesSql: string): string {
  const hash = createHash("sha256").update(queriesSql.replaceAll("\r\n", "\n")).digest("hex");
  return `// Made from queries.sql by \`pnpm typegen\`; fingerprint ${hash.slice(0, 16)}`;
}
