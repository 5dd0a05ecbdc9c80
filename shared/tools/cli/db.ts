import { reportAndFail } from "../../runtime/user-error.ts";
import { dbCommand } from "./db/index.ts";

await dbCommand().parseAsync().catch(reportAndFail);
