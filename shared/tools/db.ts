import { reportAndFail } from "../errors.ts";
import { dbCommand } from "./db/index.ts";

await dbCommand().parseAsync().catch(reportAndFail);
