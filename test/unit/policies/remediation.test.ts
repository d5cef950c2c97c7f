import { describe, expect, test } from "vitest";
import { subject } from "../../../policies/framework/subject.ts";
import { CannotTell, UNKNOWN } from "../../../policies/framework/unknown.ts";
import { recommendedLabels } from "../../../policies/labels/recommended.ts";
import { seccomp } from "../../../policies/workloads/seccomp.ts";
import { API, api, change, cronJob } from "./fixtures.ts";
import { judge, kubernetes, resource } from "./support.ts";

const SECURITY = "spec.template.spec.securityContext";
const labels = { labels: ["app.kubernetes.io/part-of", "app.kubernetes.io/managed-by"], named: [] };

describe("a missing seccomp profile", () => {
  test.each([
    ["of a pod with a security context", change(api(), { [`${SECURITY}.seccompProfile`]: undefined })],
    ["of a pod without one", change(api(), { [SECURITY]: undefined })],
    ["of a CronJob", change(cronJob(), { "spec.jobTemplate.spec.template.spec.securityContext": undefined })],
  ])("%s is put right, and nothing else is touched", (_, values) => {
    const before = JSON.stringify(values.properties);
    expect(judge(seccomp, values).findings).toHaveLength(1);
    expect(seccomp.remediate?.(subject(values), {})).toBe(true);
    expect(judge(seccomp, values).findings).toEqual([]);
    const after = JSON.stringify(values.properties).replace('"seccompProfile":{"type":"RuntimeDefault"}', "");
    expect(after.replace(",}", "}").replace(',"securityContext":{}', "")).toBe(before);
  });

  test("that is there is left as it is, and so is one that a container has itself", () => {
    expect(seccomp.remediate?.(subject(api()), {})).toBe(false);
    const unconfined = change(api(), {
      "spec.template.spec.containers.0.securityContext.seccompProfile": { type: "Unconfined" },
    });
    expect(seccomp.remediate?.(subject(unconfined), {})).toBe(false);
    expect(judge(seccomp, unconfined).findings).toHaveLength(1);
  });

  test("is not guessed at where the pod is not known yet", () => {
    expect(() => seccomp.remediate?.(subject(change(api(), { [SECURITY]: UNKNOWN })), {})).toThrow(
      CannotTell,
    );
  });
});

describe("missing labels", () => {
  test("that are the same for all are put right; names are nobody's to guess", () => {
    const bare = kubernetes({ kind: "ConfigMap" });
    expect(recommendedLabels.remediate?.(subject(bare), labels)).toBe(true);
    expect(bare.properties.metadata).toMatchObject({
      labels: { "app.kubernetes.io/part-of": "attic", "app.kubernetes.io/managed-by": "pulumi" },
    });
    expect(judge(recommendedLabels, bare).findings).toHaveLength(2);
  });

  test("that are there are left as they are", () => {
    const own = { ...API, "app.kubernetes.io/part-of": "other" };
    const labelled = kubernetes({ metadata: { name: "a", labels: own } });
    expect(recommendedLabels.remediate?.(subject(labelled), labels)).toBe(false);
    expect(labelled.properties.metadata).toMatchObject({ labels: own });
  });

  test("of what is no Kubernetes object are none", () => {
    expect(recommendedLabels.remediate?.(subject(resource("a:b:C", "c", {})), labels)).toBe(false);
  });
});
