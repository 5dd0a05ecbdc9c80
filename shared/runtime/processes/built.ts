import { existsSync } from "node:fs";
import path from "node:path";

/** Returns the file in the folder `built` that a TypeScript file is built into. */
export function builtFileOf(file: string, built: string): string {
  const { root } = path.parse(file);
  return path.join(built, path.relative(root, file).replace(/\.ts$/, ".mjs"));
}

/** Returns what to load for a TypeScript file: what was built from it into `BUILT_FOLDER`, or else the file itself. */
export function builtOrSource(file: string): string {
  const folder = process.env.BUILT_FOLDER;
  const built = folder && builtFileOf(file, folder);
  return built && existsSync(built) ? built : file;
}
