import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Returns the file and line of the innermost caller outside of `folder`, as `src/order.ts:12`, relative to the working
 * directory; undefined if there is none.
 */
export function callSite(folder: string): string | undefined {
  for (const line of new Error().stack?.split("\n") ?? []) {
    const [, file = "", row] = /^\s*at (?:.*\()?(?:async )?(.+):(\d+):\d+\)?$/.exec(line) ?? [];
    const absolute = file.startsWith("file:") ? fileURLToPath(file) : file;
    const isOutside = path.isAbsolute(absolute) && !absolute.startsWith(folder);
    if (isOutside && absolute !== fileURLToPath(import.meta.url)) {
      return `${path.relative(process.cwd(), absolute)}:${row}`;
    }
  }
  return undefined;
}
