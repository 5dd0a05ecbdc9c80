import { existsSync } from "node:fs";
import path from "node:path";

/** Where in the folder `built` that is which was built from a TypeScript file. */
export function builtFileOf(file: string, built: string): string {
  const { root } = path.parse(file);
  return path.join(built, path.relative(root, file).replace(/\.ts$/, ".mjs"));
}

/** What to load for a TypeScript file: what was built from it into `BUILT_FOLDER`, if something was, else itself. */
export function builtOrSource(file: string): string {
  const folder = process.env.BUILT_FOLDER;
  const built = folder && builtFileOf(file, folder);
  return built && existsSync(built) ? built : file;
}
