import { z } from "zod";
import { providerSettings } from "./load.ts";
import { type KeyDoc, keyDocs } from "./reference.ts";
import { rules } from "./rules/index.ts";
import { settings } from "./schema/index.ts";
import { memberOf, shapeOf } from "./shape.ts";

/** A type as JSON Schema tells it, as far as the reference reads it. */
interface Told {
  type?: string;
  default?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  required?: string[];
  properties?: Record<string, Told>;
  additionalProperties?: Told | boolean;
  propertyNames?: Told;
  items?: Told;
  anyOf?: Told[];
  const?: unknown;
  secret?: boolean;
}

/** One key of the configuration. */
interface Key {
  path: string;
  type: z.ZodType;
  told: Told;
  doc?: KeyDoc;
  required: boolean;
}

/**
 * The text of docs/configuration.md: every key with its type, default, meaning and example, and the rules over
 * several keys. It is made of the schema, its comments and the rules alone.
 */
export function referencePage(): string {
  const told = z.toJSONSchema(settings, { io: "input", target: "draft-7" }) as Told;
  const docs = keyDocs();
  const sections = Object.entries(shapeOf(settings) ?? {}).map(([name, type]) => {
    return below(name, type, told.properties?.[name] ?? {}, docs, told.required?.includes(name));
  });
  const plain = sections.filter((keys) => keys.length === 1);
  return `${[
    intro(),
    ["## One key each", table(plain.flat())],
    ...sections
      .filter((keys) => keys.length > 1)
      .map(([head, ...keys]) => [
        `## ${head?.path}`,
        head?.doc?.description,
        table(head?.path === "caches" && head ? [head, ...keys] : keys),
        rulesAt(head?.path ?? ""),
      ]),
  ]
    .flat()
    .filter((part) => part)
    .join("\n\n")}\n`;
}

function intro(): string[] {
  return [
    "# Configuration",
    "<!-- Written by `npm run schema` from config/schema and config/rules; a test compares. Change those. -->",
    "Every key of a `Pulumi.<stack>.yaml`. A key stands under `config:` with `attic:` before its first word: what is " +
      "`api.scaling.minReplicas` here is `minReplicas` below `scaling` below `attic:api`. In place of `<name>` stands " +
      "a name of yours, `[]` means each entry of a list. What is **required** is so where its section is there; what has " +
      "no default may be left out.",
    "Your editor knows all this, by the comment in the first line of the stack files that names " +
      "`config/stack.schema.json`. All mistakes are told at once, before anything is made; a preview checks as much:",
    "```sh\nnpm run preview -- staging\n```",
    "Keys that hold secrets are refused in plain text. Set them encrypted, for instance:",
    "```sh cluster\npulumi config set --stack staging --secret --path 'attic:objectStore.s3.credentials.secretAccessKey'\n```",
    `Beside these keys, each stack file needs ${providerSettings.map((name) => `\`${name}: true\``).join(" and ")}, ` +
      "or the Kubernetes provider deletes a ConfigMap or Secret and makes it anew at every change.",
    "Whole files: [getting-started-eks.yaml](examples/getting-started-eks.yaml), " +
      "[getting-started-s3.yaml](examples/getting-started-s3.yaml), and the project's own " +
      "[Pulumi.staging.yaml](../Pulumi.staging.yaml) and [Pulumi.production.yaml](../Pulumi.production.yaml).",
  ];
}

/** A key and all below it. */
function below(
  path: string,
  type: z.ZodType,
  told: Told,
  docs: Map<string, KeyDoc>,
  required = false,
): Key[] {
  const key = { path, type, told, required, doc: docs.get(path.replaceAll(/\.<name>|\[\]/g, "")) };
  const fields = Object.entries(shapeOf(type) ?? {}).flatMap(([name, child]) =>
    below(`${path}.${name}`, child, told.properties?.[name] ?? {}, docs, told.required?.includes(name)),
  );
  const member = shapeOf(type) ? undefined : memberOf(type);
  if (!member || !shapeOf(member)) return [key, ...fields];
  const of = told.items ?? (told.additionalProperties as Told);
  const [, ...members] = below(path + (told.items ? "[]" : ".<name>"), member, of, docs);
  return [key, ...members];
}

function table(keys: Key[]): string {
  const rows = keys.map((key) =>
    [`\`${key.path}\``, typeOf(key), defaultOf(key), meaningOf(key)].map(cell).join(" | "),
  );
  return [
    "| key | type, or what is allowed | default | meaning |",
    "|---|---|---|---|",
    ...rows.map(row),
  ].join("\n");
}

const row = (cells: string) => `| ${cells} |`;
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");

function typeOf({ type, told }: Key): string {
  return told.secret ? `${words(type, told)}; **secret**` : words(type, told);
}

function words(type: z.ZodType, told: Told): string {
  if (told.enum) return told.enum.map((each) => `\`${each}\``).join(", ");
  switch (told.type) {
    case "object":
      return shapeOf(type)
        ? "section"
        : `by name: ${words(memberOf(type) as z.ZodType, told.additionalProperties as Told)}`;
    case "array":
      return `list${told.minItems ? `, at least ${told.minItems}` : ""}: ${words(memberOf(type) as z.ZodType, told.items ?? {})}`;
    case "boolean":
      return "`true` or `false`";
    case "integer":
      return whole(type, told);
    default:
      return demanded(type)?.replaceAll("<", "&lt;") ?? "text";
  }
}

function whole(type: z.ZodType, { minimum = -Infinity, maximum = Infinity }: Told): string {
  const [least, most] = [minimum > Number.MIN_SAFE_INTEGER, maximum < Number.MAX_SAFE_INTEGER];
  const range = least && most ? `, ${minimum} to ${maximum}` : least ? `, ${minimum} or more` : "";
  // What a rule of the key's own says beyond its bounds.
  const own = least || most ? undefined : customOf(type, -7);
  return `whole number${own ? `: ${own}` : range}`;
}

/** What the schema says of a text that is certainly wrong. */
const demanded = (type: z.ZodType) => customOf(type, "\u0000");

function customOf(type: z.ZodType, wrong: unknown): string | undefined {
  const issue = type.safeParse(wrong).error?.issues.at(-1);
  return issue && !/^(Too|Invalid)/.test(issue.message) ? issue.message : undefined;
}

function defaultOf({ told, doc, required, type }: Key): string {
  if (required) return "**required**";
  const given = told.default;
  if (given === undefined || (told.type === "object" && shapeOf(type))) return shownDefault(doc?.default);
  return `\`${typeof given === "string" ? given : JSON.stringify(given)}\``;
}

/** A default in words. It is code when it looks like a value. */
const shownDefault = (text = "") => (/^\S+$/.test(text) ? `\`${text.replaceAll('"', "")}\`` : text);

function meaningOf({ doc }: Key): string {
  const example = doc?.example && ` Example: \`${doc.example}\``;
  return `${doc?.description ?? ""}${example ?? ""}`;
}

/** The rules that are reported at a section or below it; one that several keys share is told once. */
function rulesAt(section: string): string {
  const told = new Map<string, string[]>();
  for (const { at, says } of rules) {
    if (at !== section && !at.startsWith(`${section}.`)) continue;
    told.set(says, [...(told.get(says) ?? []), `\`${at}\``]);
  }
  if (told.size === 0) return "";
  return [
    "Rules over several keys:",
    "",
    ...[...told].map(([says, at]) => `- ${at.join(", ")} ${says}.`),
  ].join("\n");
}
