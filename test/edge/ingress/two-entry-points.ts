import { traefikArguments } from "../../../components/ingress/requirements.ts";
import { sharedControlPlane } from "../../support/control-plane.ts";
import { served, type Target } from "./client.ts";
import type { EdgeStackOptions } from "./objects.ts";
import { applyStack, type EdgeStack, removeStack } from "./stack.ts";
import { type Stub, startStub } from "./stub.ts";
import { startTraefik, type Traefik } from "./traefik.ts";

/** Traefik with an entry point as the ingress requires it and one that is not, and a stack on each; a stub answers. */
export interface TwoEntryPoints {
  stub: Stub;
  traefik: Traefik;
  main: EdgeStack;
  /** On an entry point that lacks what the ingress requires: it gives a request one second, as 60 s by default. */
  impatient: EdgeStack;
  at(stack: EdgeStack): Target;
  stop(): Promise<void>;
}

/** @param ingress what the main stack says of its ingress */
export async function startTwoEntryPoints(
  ingress: EdgeStackOptions["ingress"] = {},
): Promise<TwoEntryPoints> {
  const stub = await startStub();
  const { port } = stub;
  const stacks = await Promise.all([
    applyStack("main.example.com", { port, ingress }),
    applyStack("impatient.example.com", { port, ingress: { secureEntryPoint: "impatient" } }),
  ]);
  const [main, impatient] = stacks;
  const traefik = await startTraefik({
    kubeconfig: sharedControlPlane().kubeconfig,
    namespaces: stacks.map(({ namespace }) => namespace),
    entryPoints: ["web", "websecure", "impatient"],
    args: [
      ...traefikArguments(main.config),
      "--entryPoints.impatient.transport.respondingTimeouts.readTimeout=1s",
    ],
  });
  const at = ({ host, config }: EdgeStack): Target => ({
    host,
    port: traefik.ports[config.ingress.secureEntryPoint] as number,
  });
  for (const stack of stacks) await served(at(stack));
  return {
    stub,
    traefik,
    main,
    impatient,
    at,
    stop: async () => {
      stub.release();
      await traefik.stop();
      stub.close();
      await Promise.all(stacks.map(removeStack));
    },
  };
}
