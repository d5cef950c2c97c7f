#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import process from "node:process";

// Loading is most of a short command; must be on before anything large is loaded.
enableCompileCache();
const { endWithReader } = await import("../embedded/local/terminal/closed-pipe.ts");
endWithReader();
const { run } = await import("./run.ts");
const { processWorld } = await import("./world.ts");
process.exit(await run(process.argv.slice(2), await world()));

async function world() {
  try {
    return processWorld();
  } catch (error) {
    const [{ reportError }, { Screen }] = await Promise.all([
      import("./errors.ts"),
      import("../embedded/local/terminal/screen.ts"),
    ]);
    process.exit(reportError(error, new Screen()));
  }
}
