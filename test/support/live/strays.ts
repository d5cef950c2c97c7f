import { namespace, output } from "./world.ts";

interface Listed {
  items: { kind: string; metadata: { name: string; ownerReferences?: object[] } }[];
}

interface State {
  deployment: {
    resources: {
      type: string;
      outputs?: { kind?: string; metadata?: { name?: string; namespace?: string } };
    }[];
  };
}

/** What comes and goes by itself. */
const passing = ["events", "events.events.k8s.io", "pods.metrics.k8s.io"];

/**
 * Objects of the stack's namespace that nobody answers for: no controller owns them, and the stack's state does not have
 * them. As `Kind/name`, sorted.
 */
export async function strays(): Promise<string[]> {
  const kinds = (await output("kubectl", "api-resources", "--namespaced", "--verbs=list", "-o", "name"))
    .split("\n")
    .filter((kind) => !passing.includes(kind));
  const listed = await output("kubectl", "get", kinds.join(), `--namespace=${namespace}`, "-o", "json");
  const declared = await inState();
  const found = (JSON.parse(listed) as Listed).items
    .filter(({ metadata }) => !metadata.ownerReferences?.length)
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .filter((each) => !declared.has(each));
  return [...new Set(found)].sort();
}

async function inState(): Promise<Set<string>> {
  const { deployment } = JSON.parse(await output("pulumi", "stack", "export")) as State;
  return new Set(
    deployment.resources.flatMap(({ type, outputs }) =>
      type.startsWith("kubernetes:") && outputs?.metadata?.namespace === namespace
        ? [`${outputs.kind}/${outputs.metadata.name}`]
        : [],
    ),
  );
}
