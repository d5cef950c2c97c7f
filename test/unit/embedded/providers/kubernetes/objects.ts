/** Sample objects for the tests beside this file. */
import type { KubeObject } from "../../../../../embedded/providers/kubernetes/object.ts";

/** An object with a status, of a generation its controller has seen. */
export function object(kind: string, status: object, spec: object = {}, metadata: object = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind,
    metadata: { name: "web", namespace: "ns", uid: "uid-1", generation: 2, ...metadata },
    spec: { ...spec },
    status: { observedGeneration: 2, ...status },
  };
}

export function condition(type: string, status: "True" | "False", reason = "", message = ""): object {
  return { type, status, reason, message };
}
