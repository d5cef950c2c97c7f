import { enableCompileCache } from "node:module";
import process from "node:process";

// Must be on before anything large is loaded, which is most of the time that rendering takes.
enableCompileCache();
const { run } = await import("./command.ts");
await run(process.argv);
