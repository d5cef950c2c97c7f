import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, isScalar, type Pair, parseDocument, type Scalar, visit } from "yaml";
import { type Client, type Pusher, type Pushers, pushers } from "./client.ts";

const templates = join(import.meta.dirname, "../../clients");

/** The forges and their example pipelines, whose values are filled in. */
export const pipelines = {
  gitlab: "gitlab/gitlab-ci.yml",
  github: "github/workflow.yml",
  forgejo: "forgejo/workflow.yml",
  woodpecker: "woodpecker/attic.yml",
} as const;

export type Forge = keyof typeof pipelines;

/** A pipeline that builds with a stack's caches: the example in `clients/`, with the stack's values. */
export function pipeline(client: Client, forge: Forge): string[] {
  const found = pushers(client, forge === "gitlab");
  const document = parseDocument(readFileSync(join(templates, pipelines[forge]), "utf8"));
  fill(document, values(client, found), removed(found));
  if (forge === "gitlab") nameVariables(document, found);
  return [
    `# A project that builds with the caches of stack ${client.stack}.`,
    ...tokenComments(client, found, forge),
    ...document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split("\n"),
  ];
}

/** The values by the names of GitLab's inputs, which are the action's too. */
function values(client: Client, { trusted, branch }: Pushers): Record<string, string> {
  const urls = (isPublic: boolean) =>
    client.caches.flatMap((cache) => (cache.public === isPublic ? [cache.url] : [])).join(" ");
  return {
    endpoint: client.endpoint,
    caches: urls(false),
    "public-caches": urls(true),
    "public-keys": client.caches.map(({ publicKey }) => publicKey).join(" "),
    cache: trusted?.cache ?? "",
    "branch-cache": branch?.cache ?? "",
  };
}

/** What is taken out: tokens that no one is declared for. */
const removed = ({ trusted, branch }: Pushers): string[] => [
  ...(trusted ? [] : ["token"]),
  ...(branch ? [] : ["branch-token"]),
];

/** As the script's variable of an input is called. */
const variableOf = (input: string) => `ATTIC_${input.toUpperCase().replaceAll("-", "_")}`;

function fill(document: Document, given: Record<string, string>, without: readonly string[]): void {
  const named = new Map(
    Object.entries(given).flatMap(([name, value]) => [
      [name, value],
      [variableOf(name), value],
    ]),
  );
  const gone = new Set(without.flatMap((name) => [name, variableOf(name)]));
  visit(document, {
    Pair: (_, pair: Pair) => {
      const name = isScalar(pair.key) ? String(pair.key.value) : "";
      if (gone.has(name)) return visit.REMOVE;
      const value = named.get(name);
      // GitLab's `cache` of a job is another thing; here it is a scalar.
      if (value !== undefined && isScalar(pair.value)) pair.value = document.createNode(value);
      return undefined;
    },
  });
}

/**
 * Tells the script the variables' names, where a token stands in one of another name. Setting ATTIC_TOKEN would not do:
 * a variable of that name in the group, such as another stack's, counts before it. Nor is such a one to be read where
 * this stack has no token, so the name is empty there.
 */
function nameVariables(document: Document, { trusted, branch }: Pushers): void {
  const declared: [string, string?][] = [
    ["ATTIC_TOKEN", trusted?.gitlab?.variable],
    ["ATTIC_BRANCH_TOKEN", branch?.gitlab?.variable],
  ];
  if (declared.every(([usual, variable = usual]) => variable === usual)) return;
  const names = declared.map(([usual, variable = ""]) => [`${usual}_VARIABLE`, variable]);
  const pair = document.createPair("variables", Object.fromEntries(names));
  (pair.key as Scalar).spaceBefore = true;
  document.add(pair);
}

/** Which token comes from where, as comments. */
function tokenComments(client: Client, { trusted, branch }: Pushers, forge: Forge): string[] {
  const of = forge === "gitlab" ? "with a GitLab variable that is " : "";
  const lines = [
    trusted
      ? tokenComment(client, trusted, "ATTIC_TOKEN", forge)
      : `Trusted refs push nothing: no token below attic:tokens.ci ${of && `${of}protected `}may push to these caches.`,
    branch
      ? tokenComment(client, branch, "ATTIC_BRANCH_TOKEN", forge)
      : `Branches push nothing: no token below attic:tokens.ci ${of && `${of}not protected `}may push to a cache of their own.`,
  ];
  return lines.map((line) => `# ${line}`);
}

function tokenComment(
  { stack }: Client,
  { token, cache, gitlab }: Pusher,
  name: string,
  forge: Forge,
): string {
  const get = `npx atticctl --stack ${stack} tokens get ${token}`;
  const secret = `${name}: token ${token}, which pushes to ${cache}`;
  if (forge === "gitlab") {
    const owner = gitlab?.project === undefined ? `group ${gitlab?.group}` : `project ${gitlab.project}`;
    const kept = gitlab?.protected ? ", protected" : "";
    return `${gitlab?.variable}${kept}: token ${token}, which pushes to ${cache}. Set in ${owner} by: npx atticctl --stack ${stack} tokens publish ${token}`;
  }
  if (forge === "github") return `${secret}. Set the secret by: ${get} | gh secret set ${name}`;
  if (forge === "forgejo")
    return `${secret}. Set the secret in the repository's settings, to what this prints: ${get}`;
  return `${name.toLowerCase()}: token ${token}, which pushes to ${cache}. Set the secret in the repository's settings, for the events push, manual and cron alone, to what this prints: ${get}`;
}
