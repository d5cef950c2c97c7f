import { Option } from "commander";
import type { Grants } from "../../components/tokens/claims.ts";
import { AtticApi } from "../attic-api/index.ts";
import type { Call } from "../cli.ts";
import type { OpenedStack } from "../stack.ts";
import { signingKeyIn } from "../tokens/signing-key.ts";
import { endpointOf } from "./endpoint.ts";
import { commandToken } from "./token.ts";

/** Options of the commands that ask the server. */
export interface ServerOptions {
  endpoint?: string;
  host?: string;
}

/** The same for commander. */
export const serverOptions = () => [
  new Option("--endpoint <url>", "where the server is asked (default: the stack's own endpoint)"),
  new Option(
    "--host <host>",
    "the Host header it is asked with (default: one that the stack's server answers)",
  ),
];

/** The running server of a stack. */
export interface RunningServer {
  /** Where it is asked. */
  endpoint: string;
  /** A way to ask it, which may do what the grants say for ten minutes from this call on. */
  api(grants: Grants, timeout?: number): Promise<AtticApi>;
}

/**
 * Finds a stack's server and the key that it takes tokens of.
 * @throws CliError when the endpoint cannot be used, or the stack has no key
 */
export async function runningServer(call: Call<ServerOptions>, stack: OpenedStack): Promise<RunningServer> {
  const { world } = call;
  const { url: own, publicKeyBase64 } = await stack.deployed();
  const { url, host } = endpointOf(own, stack.config.server.allowedHosts, call.options);
  const pem = signingKeyIn(await (await stack.deployment()).resources(), publicKeyBase64);
  return {
    endpoint: url,
    api: async (grants, timeout) => {
      const now = new Date(world.now.getTime() + world.elapsed());
      const token = await commandToken(stack.config, grants, now, pem);
      return new AtticApi({
        endpoint: url,
        token,
        ...(host !== undefined && { host }),
        ...(timeout !== undefined && { timeout }),
      });
    },
  };
}
