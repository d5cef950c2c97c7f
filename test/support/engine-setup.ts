import type { TestProject } from "vitest/node";
import { type Engine, locateEngine } from "../../embedded/engine/locate.ts";

declare module "vitest" {
  export interface ProvidedContext {
    pulumi: Engine;
  }
}

/** Finds or builds the Pulumi engine once for all test files: `inject("pulumi")`. */
export default async function setup(project: TestProject): Promise<void> {
  const engine = await locateEngine({ progress: (line) => console.log(line) });
  project.provide("pulumi", engine);
}
