import type { StackConfig } from "../../config/index.ts";
import { names, partOf } from "../attic/names.ts";
import { labels } from "../kubernetes/labels.ts";

/** Name, namespace and labels of an object of the ingress. */
export function metadata(name: string, { namespace }: StackConfig) {
  return { name, namespace, labels: labels({ name: names.api, component: "ingress", partOf }) };
}
