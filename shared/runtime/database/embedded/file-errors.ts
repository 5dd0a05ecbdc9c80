import { UserError } from "../../user-error.ts";
import { diskFull } from "./cluster.ts";

/** Runs `work`; what the file system refuses becomes a `UserError` that says what to do. */
export async function explainFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const line = explanation(error as NodeJS.ErrnoException);
    throw line === undefined ? error : new UserError(line, { cause: error });
  }
}

function explanation({ code, path: file, message }: NodeJS.ErrnoException): string | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return diskFull().message;
    case "EACCES":
    case "EPERM":
      return `${file ?? message} belongs to another user, and the Postgres of this repository needs it; run this as that user, or delete it as that user and try again.`;
    case "EROFS":
      return `${file ?? message} cannot be written: its disk is read-only. Set DATABASE_URL to a Postgres 15 or newer instead.`;
    case "ENOENT":
    case "ENOTDIR":
      return `${file ?? message} was deleted while Postgres needed it; try again.`;
    default:
      return undefined;
  }
}
