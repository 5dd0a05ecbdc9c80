// The parts of the commands that lessons' stories use.

export { type Does, surveyTasks } from "./agent/survey.ts";
export { readFamily } from "./family.ts";
export { familyTree } from "./family-tree.ts";
