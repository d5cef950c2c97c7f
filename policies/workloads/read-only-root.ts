import { eachContainer, podKinds } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";

/** Who breaks into a process must not be able to change the program that it restarts from. */
export const readOnlyRoot = resourcePolicy({
  name: "read-only-root",
  description: "Every container's root file system is read-only.",
  level: "mandatory",
  kinds: podKinds,
  *check(subject) {
    yield* eachContainer(subject, function* ({ securityContext }, field) {
      const found = securityContext?.readOnlyRootFilesystem;
      if (found === true) return;
      yield {
        field: `${field}.securityContext.readOnlyRootFilesystem`,
        found,
        problem: "the container can change its own image's files",
        fix: "Set it to true, and mount an emptyDir where the process has to write.",
      };
    });
  },
});
