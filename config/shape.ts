import type { z } from "zod";

/** The fields of an object type, also below defaults and optionals; undefined for every other type. */
export function shapeOf(type: z.ZodType): Record<string, z.ZodType> | undefined {
  const { shape, def } = type as { shape?: Record<string, z.ZodType>; def: { innerType?: z.ZodType } };
  return shape ?? (def.innerType && shapeOf(def.innerType));
}
