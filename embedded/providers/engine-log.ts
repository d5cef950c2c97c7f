/** Messages to the engine: the lines users see under a resource. */
import { createRequire } from "node:module";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";

const SEVERITIES = { debug: 0, info: 1, warning: 2, error: 3 } as const;

export type Severity = keyof typeof SEVERITIES;

export class EngineLog {
  #address: string | undefined;
  #client: EngineClient | undefined;

  constructor(address?: string) {
    this.#address = address;
  }

  /** The engine tells its address on the command line, or later when it attaches. */
  connect(address: string): void {
    if (address === this.#address || address === "") return;
    this.close();
    this.#address = address;
  }

  /**
   * Sends one message. An ephemeral one is shown only while the operation runs. Losing a log line must not fail an
   * update, so errors are dropped.
   */
  send(severity: Severity, message: string, urn = "", ephemeral = false): void {
    if (this.#address === undefined) return;
    // Loaded at the first message: most previews send none, and every plugin start would pay for it.
    const require = createRequire(import.meta.url);
    const { LogRequest } = require("@pulumi/pulumi/proto/engine_pb.js");
    this.#client ??= this.#open(require, this.#address);
    const request = new LogRequest();
    request.setSeverity(SEVERITIES[severity] as LogSeverity);
    request.setMessage(message);
    request.setUrn(urn);
    request.setStreamid(0);
    request.setEphemeral(ephemeral);
    this.#client?.log(request, () => {});
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #open(require: NodeJS.Require, address: string): EngineClient {
    const grpc = require("@grpc/grpc-js");
    const services = require("@pulumi/pulumi/proto/engine_grpc_pb.js");
    return new services.EngineClient(address, grpc.credentials.createInsecure(), {
      "grpc.max_send_message_length": -1,
    });
  }
}
