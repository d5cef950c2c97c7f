import { eachContainer, podKinds } from "../framework/kubernetes.ts";
import { type Problem, resourcePolicy, stackPolicy } from "../framework/policy.ts";
import { STACK_TYPE, type Subject } from "../framework/subject.ts";
import { type Text, texts } from "../framework/unknown.ts";
import { isRandom, secretIn, secretNamed } from "./detect.ts";

const FIX = "Put it into a Secret and refer to that.";

/** Whatever is not a Secret, many may read, and much writes it down: logs, dashboards, plans, the state. */
export const noPlainSecrets = resourcePolicy({
  name: "no-plain-secrets",
  description:
    "No secret stands in a ConfigMap, an environment, an argument, a label, an annotation or any other plain value.",
  level: "mandatory",
  *check(subject) {
    const { kind, object, secrets, properties } = subject;
    if (kind === STACK_TYPE) return;
    // Without knowing what Pulumi keeps secret, only what the cluster shows to everybody can be judged.
    if (secrets === undefined && !object) return;
    const judged = kind === "core/Secret" ? object?.metadata : properties;
    for (const { path, text } of plainTexts(subject, judged)) {
      const what = namesTell(subject) ? secretNamed(lastKey(path), text) : secretIn(text);
      if (what) yield { field: kind === "core/Secret" ? `metadata.${path}` : path, ...told(what) };
    }
    if (!podKinds.includes(kind)) return;
    yield* eachContainer(subject, function* ({ env = [], args = [], command = [] }, field) {
      for (const [index, { name = "", value }] of env.entries()) {
        if (value === undefined || secretIn(value)) continue;
        const what =
          secretNamed(name, value) ?? (isRandom(value) ? "random characters, as of a key" : undefined);
        if (what) yield { field: `${field}.env[${index}].value`, ...told(`${what} (${name})`) };
      }
      for (const [index, argument] of [...command, ...args].entries()) {
        const value = argument.replace(/^--?[\w-]+=/, "");
        if (!secretIn(argument) && isRandom(value)) {
          yield { field: `${field}.args[${index}]`, ...told("random characters, as of a key") };
        }
      }
    });
  },
});

/** A value that Pulumi keeps secret is not secret any more once the cluster shows it to everybody. */
export const noSecretsInPlainObjects = resourcePolicy({
  name: "no-secrets-in-plain-objects",
  description: "What Pulumi keeps secret stands in no Kubernetes object but Secrets.",
  level: "mandatory",
  *check({ kind, object, secrets }) {
    if (!object || kind === "core/Secret") return;
    for (const field of secrets ?? []) {
      yield { field, ...told("a value that Pulumi keeps secret") };
    }
  },
});

/** Outputs are printed at the end of every update, and in every pipeline's log. */
export const noPlainOutputs = stackPolicy({
  name: "no-plain-outputs",
  description: "No secret is a plain output of the stack.",
  level: "mandatory",
  *check({ resources }) {
    for (const resource of resources.filter(({ kind }) => kind === STACK_TYPE)) {
      if (resource.secrets === undefined) {
        yield { undecided: "outputs" };
        continue;
      }
      for (const { path, text } of plainTexts(resource, resource.properties)) {
        const what = secretNamed(lastKey(path), text);
        if (what) {
          const fix = "Make it a secret output: pulumi.secret(…).";
          yield { resource, field: `outputs.${path}`, problem: `${what} in a plain output`, fix };
        }
      }
    }
  },
});

/**
 * Whether a value's name says what it is. In most objects of Kubernetes, and in files of them, it says little: a label
 * `token` may well be a token's name.
 */
const namesTell = ({ kind, object }: Subject): boolean =>
  kind === "core/ConfigMap" || (!object && !/^kubernetes:(?!helm\.sh\/)/.test(kind));

/** The texts of a value that Pulumi does not keep secret. */
function* plainTexts({ secrets }: Subject, value: unknown): Generator<Text> {
  for (const each of texts(value)) {
    const hidden = [...(secrets ?? [])].some(
      (path) => each.path === path || each.path.startsWith(`${path}.`) || each.path.startsWith(`${path}[`),
    );
    if (!hidden) yield each;
  }
}

const told = (what: string): Pick<Problem, "problem" | "fix"> => ({
  problem: `${what} in plain sight`,
  fix: FIX,
});

/** The key that a value stands under, of a path such as `data.password` or `annotations["a/b"]`. */
function lastKey(path: string): string {
  return /\["(.+)"\]$/.exec(path)?.[1] ?? /([\w-]+)(?:\[\d+\])*$/.exec(path)?.[1] ?? "";
}
