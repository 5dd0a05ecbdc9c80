export { bad, code, dim, good } from "./colour.ts";
export { eventLog, type LoggedEvent } from "./event-log.ts";
export { type Span, spans } from "./spans.ts";
export { sparkline } from "./sparkline.ts";
export { table } from "./table.ts";
export { say, section, title } from "./text.ts";
export { Timeline } from "./timeline.ts";
export { TREE_TAIL, type TreeNode, tree } from "./tree.ts";
export { workerLog } from "./worker-log.ts";
