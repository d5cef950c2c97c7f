import { eachContainer, podKinds, podOf } from "../framework/kubernetes.ts";
import { each, resourcePolicy } from "../framework/policy.ts";

const NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"] as const;

/** None of what the stack runs needs anything of the node that it runs on. */
export const noPrivileges = resourcePolicy({
  name: "no-privileges",
  description:
    "No container is privileged, gains privileges, keeps capabilities or shares anything with its node.",
  level: "mandatory",
  kinds: podKinds,
  *check(subject) {
    const pod = podOf(subject);
    yield* each(NAMESPACES, function* (key) {
      if (pod?.spec[key] !== true) return;
      yield {
        field: `${pod.path}.${key}`,
        found: true,
        problem: "the pod shares the node's own namespace",
        fix: "Leave it out.",
      };
    });
    yield* each(pod?.spec.volumes, function* (volume, index) {
      if (volume.hostPath === undefined || volume.hostPath === null) return;
      yield {
        field: `${pod?.path}.volumes[${index}].hostPath`,
        found: volume.hostPath.path,
        problem: "the pod mounts files of its node",
        fix: "Use a ConfigMap, a Secret, an emptyDir or a volume claim.",
      };
    });
    yield* eachContainer(subject, function* ({ securityContext: own = {} }, field) {
      const at = `${field}.securityContext`;
      if (own.privileged === true) {
        yield {
          field: `${at}.privileged`,
          found: true,
          problem: "the container is root on its node",
          fix: "Leave it out.",
        };
      }
      if (own.allowPrivilegeEscalation !== false) {
        yield {
          field: `${at}.allowPrivilegeEscalation`,
          found: own.allowPrivilegeEscalation,
          problem: "a set-user-id program in the image would gain privileges",
          fix: "Set it to false.",
        };
      }
      const { drop = [], add = [] } = own.capabilities ?? {};
      if (!drop.includes("ALL")) {
        yield {
          field: `${at}.capabilities.drop`,
          found: drop,
          problem: "the container keeps Linux capabilities",
          fix: "Drop ALL.",
        };
      }
      if (add.length > 0) {
        yield {
          field: `${at}.capabilities.add`,
          found: add,
          problem: "the container is given Linux capabilities",
          fix: "Add none.",
        };
      }
    });
  },
});
