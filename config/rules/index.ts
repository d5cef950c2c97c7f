import { data } from "./data.ts";
import type { Rule } from "./rule.ts";
import { server } from "./server.ts";
import { tokens } from "./tokens.ts";
import { workloads } from "./workloads.ts";

export { connectionBudget } from "./connections.ts";

/** Every rule that one key alone cannot tell. */
export const rules: Rule[] = [...workloads, ...server, ...data, ...tokens];
