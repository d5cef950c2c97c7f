/** JSON Schema of a setting, as far as settings need it. */
export interface SettingSchema {
  type: "integer" | "boolean" | "string" | "array" | "object";
  description: string;
  minimum?: number;
  items?: { type: "string" };
  additionalProperties?: { type: "string"; minLength: number };
  default?: unknown;
}

/** One thing about a policy that a stack can set. */
export interface Setting<T> {
  schema: SettingSchema;
  default: T;
}

/** A policy's settings by name. */
export type Settings = Record<string, Setting<unknown>>;

/** The values of settings. */
export type Values<S extends Settings> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** A whole number, 0 at least. */
export const integer = (value: number, description: string): Setting<number> => ({
  schema: { type: "integer", description, minimum: 0, default: value },
  default: value,
});

/** Yes or no. */
export const flag = (value: boolean, description: string): Setting<boolean> => ({
  schema: { type: "boolean", description, default: value },
  default: value,
});

/** Some texts. */
export const list = (value: string[], description: string): Setting<string[]> => ({
  schema: { type: "array", description, items: { type: "string" }, default: value },
  default: value,
});

/** Resources that a policy does not apply to, each with the reason; every policy has this setting. */
export const except: Setting<Record<string, string>> = {
  schema: {
    type: "object",
    description: "resources that the policy leaves alone, as Kind/name, each with the reason",
    additionalProperties: { type: "string", minLength: 10 },
    default: {},
  },
  default: {},
};
