// What a lesson's story uses of the commands.

export { type Does, surveyTasks } from "./agent/survey.ts";
export { readFamily } from "./family.ts";
export { familyTree } from "./family-tree.ts";
