import { z } from "zod";
import { providerSettings } from "./load.ts";
import { type KeyDoc, keyDocs } from "./reference.ts";
import { settings } from "./schema/index.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema of a `Pulumi.<stack>.yaml`, for editors: the keys under `attic:` with their comments. Keys of
 * other namespaces (`kubernetes:context`, `aws:region`) are left alone. Rules over several keys are not in it;
 * the program checks those.
 */
export function jsonSchema(): JsonSchema {
  const { properties = {}, required = [] } = z.toJSONSchema(settings, { io: "input", target: "draft-7" });
  const docs = keyDocs();
  // Sections with a required key of their own.
  const needed = Object.keys(settings.shape).filter((name) => {
    const section = (properties as Record<string, JsonSchema>)[name];
    return !required.includes(name) && (section?.required?.length ?? 0) > 0;
  });
  const attic = Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => [
    `attic:${name}`,
    complete(schema, name, docs),
  ]);
  const names = attic.map(([name]) => name as string);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration of one stack of Attic",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          ...Object.fromEntries(attic),
          ...Object.fromEntries(providerSettings.map((name) => [name, { const: true }])),
        },
        propertyNames: { anyOf: [{ not: { pattern: "^attic:" } }, { enum: names }] },
        required: [...[...required, ...needed].map((name) => `attic:${name}`), ...providerSettings],
      },
    },
  } as JsonSchema;
}

/** A key's schema with its comment; a secret may also stand encrypted. */
function complete(
  { secret, ...schema }: JsonSchema,
  path: string,
  docs: Map<string, KeyDoc>,
  description = text(docs.get(path)),
): JsonSchema {
  const described = {
    ...schema,
    // A section that is left out gets the defaults of its keys; "{}" would tell nobody anything.
    default: schema.type === "object" ? undefined : schema.default,
    description: description || undefined,
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([key, child]) => [
          key,
          complete(child as JsonSchema, `${path}.${key}`, docs),
        ]),
      ),
    }),
    // A record: the keys are a person's own names, and what stands under each is described alike.
    ...(isObject(schema.additionalProperties) && {
      additionalProperties: complete(schema.additionalProperties, path, docs, ""),
    }),
    ...(isObject(schema.items) && { items: complete(schema.items as JsonSchema, path, docs, "") }),
  };
  if (!secret) return described;
  const encrypted = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };
  return { description: described.description, anyOf: [schema, encrypted] } as JsonSchema;
}

const isObject = (schema: unknown): schema is JsonSchema => typeof schema === "object" && schema !== null;

function text(doc: KeyDoc | undefined): string | undefined {
  if (!doc) return undefined;
  const parts = [doc.description];
  if (doc.default) parts.push(`Default: ${doc.default}.`);
  if (doc.example) parts.push(`Example: ${doc.example}`);
  return parts.join(" ");
}
