import { writeFileSync } from "node:fs";
import path from "node:path";
import { gitAlone, inScratchFolder } from "../lessons/git.ts";

export type Labels = {
  ours: string;
  theirs: string;
};

export type Merged = {
  content: Buffer;
  /** Whether `content` holds conflict markers. */
  conflict: boolean;
};

/**
 * Merges two texts that come from `base`. The result ends its lines as `ours` does: a lesson that was
 * saved with other line endings than the fix does not conflict in every line.
 */
export function mergeTexts(base: Buffer, ours: Buffer, theirs: Buffer, labels: Labels): Merged {
  const { output, status, stderr } = inScratchFolder((folder) => {
    const texts = { ours, base, theirs };
    for (const [name, text] of Object.entries(texts)) {
      writeFileSync(path.join(folder, name), withLineFeeds(text));
    }
    const names = ["-L", labels.ours, "-L", "before the fix", "-L", labels.theirs];
    const merge = ["merge-file", "-p", ...names, "ours", "base", "theirs"];
    const { stdout, ...rest } = gitAlone(folder, merge);
    return { output: stdout, ...rest };
  });
  // The exit code is the number of conflicts, up to 127; above that it is an error.
  if (status < 0 || status > 127) throw new Error(`git merge-file failed: ${stderr}`);
  return {
    content: endsLinesWithCrlf(ours) ? withCrlf(output) : output,
    conflict: status > 0,
  };
}

/** Whether the reader has still to choose between the two sides. */
export function hasConflictMarkers(text: Buffer): boolean {
  return /^(<{7} |={7}\r?$|>{7} )/m.test(text.toString());
}

export function isBinary(content: Buffer | undefined): boolean {
  return content?.includes(0) ?? false;
}

/** Whether two texts are the same but for how their lines end. */
export function sameText(a: Buffer, b: Buffer): boolean {
  return withLineFeeds(a).equals(withLineFeeds(b));
}

// A file with both kinds of line endings is taken as it is: there is no one way to write it back.
function endsLinesWithCrlf(content: Buffer): boolean {
  const text = content.toString("latin1");
  return text.includes("\r\n") && !/(^|[^\r])\n/.test(text);
}

function withLineFeeds(content: Buffer): Buffer {
  if (!endsLinesWithCrlf(content)) return content;
  return Buffer.from(content.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
}

function withCrlf(content: Buffer): Buffer {
  return Buffer.from(content.toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1");
}
