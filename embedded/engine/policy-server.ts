import { spawn } from "node:child_process";
import { chmodSync, closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ANALYZER = fileURLToPath(new URL("policy-analyzer.ts", import.meta.url));

/** Stands in place of the engine's address for a pack that is served before there is an engine. */
export const AHEAD = "ahead";

/** Older engines ask for the first name, newer ones for the second. */
const NAMES = ["pulumi-analyzer-policy", "pulumi-analyzer-policy-nodejs"];

/** A policy pack that is being served. */
export interface PolicyServer {
  /** What the pack said when it could not be served; undefined as long as it is, or may still be. */
  failure(): string | undefined;
  /** Ends it. */
  stop(): void;
}

/**
 * Puts the program that serves policy packs where the engine looks for it, and has it serve one already: it needs as
 * long to start as the Pulumi program needs to load, and the engine would have the one wait for the other.
 *
 * The program that comes with the engine compiles packs with `ts-node`, which TypeScript 7 no longer supports; ours
 * lets Node strip the types, as it does for the Pulumi program itself. A pack that is served ahead knows the stack's
 * name, but not its configuration.
 *
 * @param binDir a directory on the engine's PATH
 * @param pack the pack's folder; with none, nothing is served ahead
 */
export function servePolicies(binDir: string, stack: string, pack?: string): PolicyServer {
  const address = path.join(binDir, "policy-address");
  const errors = path.join(binDir, "policy-errors");
  rmSync(address, { force: true });
  const child = pack === undefined ? undefined : start(pack, stack, address, errors);
  const script = `#!/bin/sh
if [ ! -e "${address}" ]; then exec ${command.map((word) => `"${word}"`).join(" ")} "$@"; fi
until [ -s "${address}" ] || ! kill -0 ${child?.pid ?? 0} 2>/dev/null; do sleep 0.02; done
if [ ! -s "${address}" ]; then cat "${errors}" >&2; exit 1; fi
cat "${address}"
exec sleep 2147483647
`;
  for (const name of NAMES) {
    const file = path.join(binDir, name);
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }
  return {
    failure: () => {
      if (!child?.exitCode || statSync(address).size > 0) return undefined;
      return readFileSync(errors, "utf8")
        .replaceAll(/^\s+at .*\n/gm, "")
        .trim();
    },
    stop: () => {
      child?.kill();
      rmSync(address, { force: true });
    },
  };
}

const command = [process.execPath, "--disable-warning=ExperimentalWarning", ANALYZER] as const;

/** Starts serving; what is served writes its port where the engine's own program will read it. */
function start(pack: string, stack: string, address: string, errors: string) {
  const [out, err] = [openSync(address, "w"), openSync(errors, "w")];
  const [node, ...words] = command;
  const child = spawn(node, [...words, AHEAD, pack], {
    // Ctrl-C is the engine's to hear: it asks the pack until it has stopped. The pack ends when its standard input
    // does, which is when this process ends, however that comes.
    detached: true,
    stdio: ["pipe", out, err],
    env: { ...process.env, PULUMI_NODEJS_STACK: stack },
  });
  child.on("error", (error) => writeFileSync(errors, error.message));
  child.unref();
  closeSync(out);
  closeSync(err);
  return child;
}
