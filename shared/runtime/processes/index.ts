export { Ledger } from "./ledger.ts";
export {
  endWithParent,
  nextMessage,
  type StartedProcess,
  startProcess,
  tellParent,
} from "./start-process.ts";
