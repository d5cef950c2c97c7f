/**
 * Serves a {@link Provider} over gRPC, as the engine speaks it.
 *
 * `@pulumi/pulumi/provider` has a server too, but it drops what a useful stand-in needs: provider configuration, the
 * preview flag, detailed diffs.
 */
import * as grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { EngineLog } from "./engine-log.ts";
import type { Context, Provider } from "./provider.ts";
import { type Call, handlers, toServiceError } from "./rpc.ts";

/** A running server. */
export interface Served {
  readonly port: number;
  close(): void;
}

export interface ServeOptions {
  /** Where to send log lines until the engine attaches and says so itself. */
  readonly engineAddress?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

/** One engine-side provider: an own configuration and an own cancellation. */
class Instance {
  readonly provider: Provider;
  readonly log: EngineLog;
  readonly cancellation = new AbortController();

  constructor(provider: Provider, engineAddress: string | undefined) {
    this.provider = provider;
    this.log = new EngineLog(engineAddress);
  }

  readonly context = (urn: string): Context => ({
    log: (severity, message) => this.log.send(severity, message, urn),
    status: (message) => this.log.send("info", message, urn, true),
    signal: this.cancellation.signal,
  });
}

/**
 * Starts serving on 127.0.0.1.
 *
 * @param create makes a provider. The engine starts a process per configured provider, but when it attaches to a
 * running server (`PULUMI_DEBUG_PROVIDERS`), they all share it: each connection then gets a provider of its own.
 */
export async function serve(create: () => Provider, options: ServeOptions = {}): Promise<Served> {
  const instances = new Map<string, Instance>();
  const instanceOf = (peer: string): Instance => {
    const known = instances.get(peer);
    if (known !== undefined) return known;
    const instance = new Instance(create(), options.engineAddress);
    instances.set(peer, instance);
    return instance;
  };

  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const service: grpc.UntypedServiceImplementation = {};
  for (const [method, handle] of Object.entries(handlers)) {
    service[method] = (call: Call, callback: grpc.sendUnaryData<unknown>) => {
      const instance = instanceOf(call.getPeer());
      Promise.resolve()
        .then(() => handle(instance, call.request as never))
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(toServiceError(error)),
        );
    };
  }
  server.addService(providerGrpc.ResourceProviderService, service);

  const port = await new Promise<number>((resolve, reject) => {
    const address = `127.0.0.1:${options.port ?? 0}`;
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    close() {
      for (const instance of instances.values()) {
        instance.cancellation.abort();
        instance.log.close();
      }
      server.forceShutdown();
    },
  };
}

export type { Instance };
