import type { z } from "zod";
import { settings } from "./schema/index.ts";
import { shapeOf } from "./shape.ts";

/** The paths of every key whose value must be stored encrypted, without the `attic:` in front. */
export const secretPaths: readonly (readonly string[])[] = find(settings, []);

function find(type: z.ZodType, path: string[]): string[][] {
  const shape = shapeOf(type);
  if (shape) return Object.entries(shape).flatMap(([key, child]) => find(child, [...path, key]));
  const inner = (type as { def: { innerType?: z.ZodType } }).def.innerType;
  return (inner ?? type).meta()?.secret === true ? [path] : [];
}
