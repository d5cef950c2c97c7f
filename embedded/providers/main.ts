/**
 * A provider plugin's process: `node main.ts NAME [ENGINE_ADDRESS]`. The engine reads the port from the first line
 * of standard output.
 */
import { enableCompileCache } from "node:module";
import process from "node:process";

// Plugins start in every preview: the cache halves what loading them costs. It must be on before anything is loaded.
enableCompileCache();
const [{ serve }, { loadProvider }] = await Promise.all([import("./serve.ts"), import("./registry.ts")]);

// SIGINT is how the engine ends a plugin it is done with; the user's Ctrl-C goes to the engine's process group only.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(0));

const [name = "", ...rest] = process.argv.slice(2);
try {
  const create = await loadProvider(name);
  const engineAddress = rest.filter((argument) => !argument.startsWith("-")).at(-1);
  const { port } = await serve(() => create(process.env), { engineAddress });
  process.stdout.write(`${port}\n`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

// An engine that is killed takes no leave: without this, its plugins would stay behind for ever.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(0);
}, 1000).unref();
