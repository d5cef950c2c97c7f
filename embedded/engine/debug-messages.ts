import { createRequire } from "node:module";

const log = createRequire(import.meta.url)("@pulumi/pulumi/log/index.js") as { debug: () => Promise<void> };

/**
 * Keeps the program's debug messages from the engine. The SDK sends about five for each resource, one after the
 * other, each a round trip; they hold decrypted secrets, and nobody reads them here.
 */
export function dropDebugMessages(): void {
  log.debug = () => Promise.resolve();
}
