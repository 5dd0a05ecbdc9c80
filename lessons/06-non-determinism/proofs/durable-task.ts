import { durableTaskOf } from "shared/testing/durable-task";
import * as engine from "#engine";

export const durableTask = durableTaskOf(engine);
