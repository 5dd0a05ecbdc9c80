import { createRequire } from "node:module";

export type BundleOptions = {
  /** The folder for what is built. */
  folder: string;
  /** Source files by the name, without extension, of what is built from each; a path below `folder`, or an absolute one. */
  sources: Record<string, string>;
  /** Where packages are looked up that a plugin asks for. Default: the working directory. */
  workingFolder?: string;
  plugins?: object[];
};

/**
 * Bundles TypeScript files as JavaScript modules (`.mjs`) that any Node from 20 on loads as they are. What two of them
 * import is one module for both, so that an error thrown in one is an `instanceof` its class in the other. Throws
 * esbuild's error if a source cannot be built.
 */
export async function bundle({
  folder,
  sources,
  workingFolder = process.cwd(),
  plugins = [],
}: BundleOptions): Promise<void> {
  await esbuild().build({
    entryPoints: Object.entries(sources).map(([out, source]) => ({ in: source, out })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: workingFolder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Engines store the names of errors in the database.
    keepNames: true,
    banner: { js: REQUIRE },
    plugins,
    logLevel: "silent",
  });
}

// Some packages are CommonJS inside.
const REQUIRE = `import { createRequire as requireOf } from "node:module"; var require = requireOf(import.meta.url);`;

/** Returns the esbuild that tsx runs on; one of our own would be a second one to install. */
function esbuild(): { build(options: object): Promise<unknown> } {
  const ofTsx = createRequire(createRequire(import.meta.url).resolve("tsx"));
  return ofTsx("esbuild");
}
