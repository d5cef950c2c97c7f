import { randomBytes } from "node:crypto";
import type { StackConfig } from "../../../config/index.ts";
import { applyObject, kubectl } from "../../support/control-plane.ts";
import { type EdgeStackOptions, edgeStack } from "./objects.ts";

/** One stack's ingress on the real API server, in a namespace of its own. */
export interface EdgeStack {
  readonly config: StackConfig;
  readonly host: string;
  readonly namespace: string;
}

/** Applies the ingress that the program emits for such a stack, and nothing else of it. */
export async function applyStack(host: string, options: EdgeStackOptions): Promise<EdgeStack> {
  const namespace = `edge-${randomBytes(4).toString("hex")}`;
  const { config, objects } = edgeStack(host, namespace, options);
  await applyAll(objects);
  return { config, host, namespace };
}

/** Applies objects in one call. */
export function applyAll(items: object[]): Promise<void> {
  return applyObject({ apiVersion: "v1", kind: "List", items });
}

/** Removes a stack's namespace, without waiting for it to be gone. */
export async function removeStack({ namespace }: EdgeStack): Promise<void> {
  await kubectl(["delete", "namespace", namespace, "--wait=false"]);
}
