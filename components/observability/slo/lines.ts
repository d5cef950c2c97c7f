/** PromQL over several lines. */
export const lines = (...parts: string[]) => parts.join("\n");
