import { resourcePolicy } from "../framework/policy.ts";
import { join, unguarded } from "../framework/unknown.ts";

/** Without the mark Pulumi writes the value into plans, logs and its state as it is. */
export const secretsMarked = resourcePolicy({
  name: "secrets-marked",
  description: "Pulumi keeps every value of a Kubernetes Secret secret.",
  level: "mandatory",
  kinds: ["core/Secret"],
  *check({ properties, secrets }) {
    if (secrets === undefined) {
      yield { undecided: "data" };
      return;
    }
    // Read as they are: a value that is not known yet is marked all the same.
    const plain = unguarded(properties) as Record<string, unknown>;
    for (const part of ["data", "stringData"]) {
      const values = plain[part];
      if (typeof values !== "object" || values === null || secrets.has(part)) continue;
      for (const key of Object.keys(values)) {
        const field = join(part, key);
        if (secrets.has(field)) continue;
        yield { field, problem: "Pulumi does not know that it is secret", fix: "Wrap it: pulumi.secret(…)." };
      }
    }
  },
});
