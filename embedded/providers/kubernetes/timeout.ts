/** How long to wait for an object. */
import type { Props } from "../provider.ts";
import { annotation } from "./object.ts";

const DEFAULT_SECONDS = 600;

/** Seconds: the resource's customTimeouts, else its annotation, else ten minutes. */
export function timeoutOf(requested: number, object: Props): number {
  if (requested > 0) return requested;
  const annotated = Number(annotation(object, "pulumi.com/timeoutSeconds"));
  return Number.isFinite(annotated) && annotated > 0 ? annotated : DEFAULT_SECONDS;
}
