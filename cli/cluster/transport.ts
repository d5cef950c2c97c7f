import * as http from "node:http";
import * as https from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { type Asked, noCredentials, unreachable } from "./errors.ts";
import type { RawAnswer } from "./objects.ts";

/** One request to the API server. */
export interface KubeRequest {
  method: string;
  /** From the root, with its query. */
  path: string;
  body?: unknown;
  /** @default "application/json" */
  contentType?: string;
}

/** Sends requests; any answer is a result. */
export interface Transport {
  /** @throws ClusterError when there is no answer, or nothing to prove with who asks */
  send(request: KubeRequest): Promise<RawAnswer>;
  close(): void;
}

/** Until an answer is given up; the API server gives up its own work after 60 s. */
const timeout = 20_000;

/** Requests by a kubeconfig's current context, with whatever it says about certificates, tokens and proxies. */
export function transport(config: KubeConfig, asked: Asked): Transport {
  const agents = new Set<http.Agent>();
  return {
    async send({ method, path, body, contentType = "application/json" }) {
      const url = new URL(asked.server + path);
      // A plugin's token ends; the library asks for another when it has.
      const options: https.RequestOptions = {};
      await config.applyToHTTPSOptions(options).catch((error: unknown) => {
        throw noCredentials(asked, error);
      });
      const agent = options.agent as http.Agent & { keepAlive?: boolean };
      // One handshake for a command's twenty requests.
      agent.keepAlive = true;
      agents.add(agent);
      const content = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        ...options.headers,
        accept: "application/json, */*",
        "user-agent": "atticctl",
        ...(content !== undefined && { "content-type": contentType }),
      };
      const { request } = url.protocol === "https:" ? https : http;
      return new Promise((resolve, reject) => {
        const fail = (error: unknown) => reject(unreachable(asked, error));
        const sent = request(url, { ...options, method, headers, timeout }, (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
          response.on("error", fail);
        });
        sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeout / 1000} s`)));
        sent.on("error", fail);
        sent.end(content);
      });
    },
    close: () => {
      for (const agent of agents) agent.destroy();
    },
  };
}
