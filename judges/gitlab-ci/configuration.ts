import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CollectionTag, parse, type ScalarTag, YAMLSeq } from "yaml";

/** A rule of a job or of the workflow. */
export interface Rule {
  if?: string;
  when?: string;
  allow_failure?: boolean;
  variables?: Record<string, string>;
  auto_cancel?: { on_new_commit: string };
}

/** What a job waits for. */
export interface Need {
  job: string;
  optional?: boolean;
  artifacts?: boolean;
}

/** A job, with all that it extends, refers to, and has by default. */
export interface Job {
  stage: string;
  /** Every hidden job that it is made of. */
  ancestors: string[];
  script: string[];
  before_script: string[];
  after_script?: string[];
  rules?: Rule[];
  needs?: Need[];
  when?: string;
  allow_failure?: boolean;
  interruptible?: boolean;
  retry?: number | { max: number };
  timeout?: string;
  resource_group?: string;
  environment?: { name: string; action?: string; on_stop?: string; deployment_tier?: string };
  variables: Record<string, string>;
  image?: string | { name: string };
  id_tokens?: Record<string, { aud: string }>;
  cache?: { key: { files: string[] }; paths: string[] }[];
  artifacts?: {
    paths?: string[];
    access?: string;
    expire_in?: string;
    when?: string;
    reports?: Record<string, string>;
  };
  /** Whether a template of GitLab's brought it. */
  foreign: boolean;
}

/** All of .gitlab-ci.yml and what it includes. */
export interface Configuration {
  stages: string[];
  workflow: { rules: Rule[] };
  variables: Record<string, string>;
  jobs: Map<string, Job>;
}

// biome-ignore lint/suspicious/noExplicitAny: YAML, before it is looked at
type Raw = Record<string, any>;

/** `!reference [job, key]`, until it is known what stands there. */
class Reference {
  readonly path: string[];
  constructor(path: string[]) {
    this.path = path;
  }
}

const referenceTag: CollectionTag = {
  tag: "!reference",
  collection: "seq",
  nodeClass: YAMLSeq,
  resolve: (node) => new Reference((node as YAMLSeq).toJSON() as string[]) as unknown as YAMLSeq,
};

/** Where GitLab makes one list of lists in a list. */
const flattened = ["script", "before_script", "after_script", "rules"];

const keywords = ["include", "stages", "workflow", "variables", "default", "spec"];
const templates = join(import.meta.dirname, "templates");

/**
 * Reads a pipeline's configuration as GitLab does, as far as this project uses it. GitLab's own templates are those
 * that stand in for them.
 * @throws Error for what is not there
 */
export function loadConfiguration(folder: string): Configuration {
  const root = read(join(folder, ".gitlab-ci.yml"));
  const foreign = new Set<string>();
  let merged: Raw = {};
  for (const include of root.include as Raw[]) {
    const file = include.template ? join(templates, include.template) : join(folder, include.local);
    const part = read(file);
    if (include.template) for (const name of Object.keys(part)) foreign.add(name);
    merged = merge(merged, part);
  }
  merged = merge(merged, root);

  const resolved = new Map<string, Raw>();
  const resolve = (name: string): Raw => {
    const known = resolved.get(name);
    if (known) return known;
    const own = merged[name] as Raw | undefined;
    if (!own) throw new Error(`there is no job ${name}`);
    const parents = [own.extends ?? []].flat() as string[];
    const ancestors = parents.flatMap((parent) => [...resolve(parent).ancestors, parent]);
    const { extends: _, ...rest } = own;
    const job = { ...parents.map(resolve).reduce(merge, {}), ancestors } as Raw;
    const full = { ...merge(job, rest), ancestors };
    resolved.set(name, full);
    return full;
  };
  const dereferenced = (value: unknown, keyword?: string): unknown => {
    if (value instanceof Reference) {
      const [name = "", ...keys] = value.path;
      const found = keys.reduce<unknown>((within, key) => (within as Raw)?.[key], resolve(name));
      if (found === undefined) throw new Error(`!reference [${value.path.join(", ")}] is not there`);
      return dereferenced(found, keyword);
    }
    if (Array.isArray(value)) {
      if (value.some((each) => each instanceof Reference) && !flattened.includes(keyword ?? "")) {
        throw new Error(`GitLab takes no list in the list ${keyword}`);
      }
      return value.flatMap((each) =>
        each instanceof Reference ? (dereferenced(each, keyword) as unknown[]) : [dereferenced(each)],
      );
    }
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, dereferenced(each, key)]));
    }
    return value;
  };

  const names = Object.keys(merged).filter((name) => !name.startsWith(".") && !keywords.includes(name));
  return {
    stages: root.stages,
    workflow: root.workflow,
    variables: Object.fromEntries(
      Object.entries(root.variables as Raw).map(([name, value]) => [name, String(value?.value ?? value)]),
    ),
    jobs: new Map(
      names.map((name) => {
        const job = dereferenced(resolve(name)) as Raw;
        return [name, normal({ ...root.default, ...job }, foreign.has(name))];
      }),
    ),
  };
}

/** One way of writing where GitLab has several. */
function normal(job: Raw, foreign: boolean): Job {
  return {
    before_script: [],
    ...job,
    script: [job.script].flat(),
    variables: job.variables ?? {},
    ...(job.needs && {
      needs: job.needs.map((need: string | Need) => (typeof need === "string" ? { job: need } : need)),
    }),
    ...(typeof job.environment === "string" && { environment: { name: job.environment } }),
    foreign,
  } as Job;
}

function read(file: string): Raw {
  return parse(readFileSync(file, "utf8"), { customTags: [referenceTag as unknown as ScalarTag] });
}

/** As `extends` merges: maps key by key, everything else as a whole. */
function merge(one: Raw, other: Raw): Raw {
  const result = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const mine = result[key];
    result[key] = isMap(mine) && isMap(value) ? merge(mine, value) : value;
  }
  return result;
}

const isMap = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Reference);
