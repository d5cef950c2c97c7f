import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

/** Logs of earlier operations that are kept. */
const KEEP = 30;

/**
 * The full record of one operation: the engine's text and its diagnostics, in both of which it masks secrets.
 */
export class OperationLog {
  readonly path: string;
  #file: number;

  /** Opens `<directory>/<time>-<name>.log` and removes the oldest logs there. */
  constructor(directory: string, name: string, now = new Date()) {
    mkdirSync(directory, { recursive: true });
    const old = readdirSync(directory).filter((each) => each.endsWith(".log"));
    for (const each of old.sort().slice(0, Math.max(0, old.length - KEEP + 1))) {
      rmSync(path.join(directory, each), { force: true });
    }
    const time = now.toISOString().replaceAll(/[-:]/g, "").replace(/\..*/, "");
    this.path = path.join(directory, `${time}-${name}-${process.pid}.log`);
    this.#file = openSync(this.path, "a", 0o600);
  }

  write(text: string): void {
    writeSync(this.#file, text);
  }

  event(event: EngineEvent): void {
    const { diagnosticEvent: diagnostic } = event;
    // Debug messages hold whole resources, secrets included.
    if (diagnostic !== undefined && !diagnostic.ephemeral && String(diagnostic.severity) !== "debug") {
      this.write(`[${diagnostic.severity}] ${diagnostic.urn ?? ""} ${diagnostic.message}\n`);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
