import { join } from "node:path";

/**
 * The folder of the stack files that the project comes with. Golden files, pictures and judges show these, so that
 * whoever edits the files at the top, which are a team's own, breaks none of them.
 */
export const SHIPPED = join(import.meta.dirname, "../docs/examples/stacks");
