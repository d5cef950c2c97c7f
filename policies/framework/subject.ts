import type { Manifest } from "../../components/kubernetes/manifest.ts";
import { guarded } from "./unknown.ts";

/** One resource that the program asked for, as plain values. */
export interface SubjectValues {
  urn: string;
  /** The type token, for instance `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Pulumi's name for it. */
  name: string;
  /**
   * What the program asked for; for the stack itself, its outputs. `UNKNOWN` stands for what a preview cannot know.
   */
  properties: Record<string, unknown>;
  /** Whether Pulumi refuses to delete it. @default false */
  protect?: boolean;
  /** Whether it is deleted before another takes its place. @default false */
  deleteBeforeReplace?: boolean;
  /** URN of what it belongs to; empty for the stack itself. @default "" */
  parent?: string;
  /** URNs of what it waits for. @default [] */
  dependencies?: readonly string[];
  /** Paths of the values that Pulumi keeps secret; undefined where that cannot be seen. @default undefined */
  secrets?: ReadonlySet<string>;
}

/** The same as policies read it: an unknown value cannot be read by mistake. */
export interface Subject extends Required<Omit<SubjectValues, "secrets">> {
  secrets: ReadonlySet<string> | undefined;
  /** The properties as a Kubernetes object; undefined for everything else. */
  object: Manifest | undefined;
  /**
   * What policies choose resources by: group and kind of a Kubernetes object without its version
   * (`apps/Deployment`, `core/Secret`), else the type token.
   */
  kind: string;
}

/** What the Kubernetes provider has beside objects: what makes them of charts and files, and has no metadata itself. */
const MAKERS: readonly string[] = ["helm.sh", "kustomize", "yaml"];

/** The {@link Subject.kind} of a type token. */
export function kindOf(type: string): string {
  const [, group = "", kind] = /^kubernetes:([^/]+)\/[^:]+:(.+)$/.exec(type) ?? [];
  return group === "" || MAKERS.includes(group) ? type : `${group}/${kind}`;
}

/** Takes one resource for review. */
export function subject(values: SubjectValues): Subject {
  const properties = guarded(values.properties);
  const kind = kindOf(values.type);
  return {
    protect: false,
    deleteBeforeReplace: false,
    parent: "",
    dependencies: [],
    ...values,
    secrets: values.secrets,
    properties,
    object: kind === values.type ? undefined : (properties as unknown as Manifest),
    kind,
  };
}

/** The last part of a type token: what a person calls it. */
const shortType = ({ type }: Subject) => type.slice(type.lastIndexOf(":") + 1);

/** A resource in a message: `Deployment nix-cache/attic`, `Bucket nars`. */
export function title(subject: Subject): string {
  const { namespace, name } = subject.object ? readMetadata(subject.object) : {};
  const shown = name ?? subject.name;
  return `${shortType(subject)} ${namespace ? `${namespace}/${shown}` : shown}`;
}

/** How an exception names a resource: `Deployment/attic`, by Pulumi's name, which never changes. */
export const exceptionKey = (subject: Subject) => `${shortType(subject)}/${subject.name}`;

function readMetadata(object: Manifest): { namespace?: string; name?: string } {
  try {
    return { namespace: object.metadata?.namespace, name: object.metadata?.name };
  } catch {
    return {};
  }
}

/** Everything that a program asked for. */
export interface Stack {
  resources: readonly Subject[];
}

/** All resources of these kinds. */
export const ofKind = ({ resources }: Stack, ...kinds: string[]): Subject[] =>
  resources.filter(({ kind }) => kinds.includes(kind));

/** The type token of the stack itself, whose properties are its outputs. */
export const STACK_TYPE = "pulumi:pulumi:Stack";
