import type { z } from "zod";

/** The fields of an object type, also below defaults and optionals; undefined for every other type. */
export function shapeOf(type: z.ZodType): Record<string, z.ZodType> | undefined {
  const { shape, def } = type as { shape?: Record<string, z.ZodType>; def: { innerType?: z.ZodType } };
  return shape ?? (def.innerType && shapeOf(def.innerType));
}

/** The type of what a record or a list holds. */
export function memberOf(type: z.ZodType): z.ZodType | undefined {
  const { def } = type as { def: { innerType?: z.ZodType; valueType?: z.ZodType; element?: z.ZodType } };
  return def.valueType ?? def.element ?? (def.innerType && memberOf(def.innerType));
}

/** The type of whatever stands under a key: of an object its field, of a record or a list any of its members. */
export const childOf = (type: z.ZodType, key: string) => shapeOf(type)?.[key] ?? memberOf(type);
