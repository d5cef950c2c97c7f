import type { apps, autoscaling } from "@pulumi/kubernetes/types/output.js";
import { nameOf, namespaceOf, specOf } from "../framework/kubernetes.ts";
import { each, resourcePolicy, stackPolicy } from "../framework/policy.ts";
import { integer } from "../framework/settings.ts";
import { ofKind } from "../framework/subject.ts";
import { autoscalersOf } from "./replicas.ts";

const KIND = "autoscaling/HorizontalPodAutoscaler";
type Spec = autoscaling.v2.HorizontalPodAutoscalerSpec;

/** Fewer pods than that are no server that one can rely on; more are a bill that nobody expects. */
export const autoscalerBounds = resourcePolicy({
  name: "autoscaler-bounds",
  description: "Autoscalers keep within the stack's bounds.",
  level: "mandatory",
  kinds: [KIND],
  settings: {
    least: integer(2, "the least minReplicas"),
    most: integer(20, "the greatest maxReplicas"),
  },
  *check(subject, { least, most }) {
    const { minReplicas = 1, maxReplicas = 0 } = specOf<Spec>(subject);
    if (minReplicas < least) {
      yield {
        field: "spec.minReplicas",
        found: minReplicas,
        problem: `fewer than ${least}: losing a pod would interrupt the service`,
        fix: `Set attic:api.scaling.minReplicas to ${least} or more.`,
      };
    }
    if (maxReplicas > most) {
      yield {
        field: "spec.maxReplicas",
        found: maxReplicas,
        problem: `more than ${most}, which the stack's bounds allow`,
        fix: "Lower attic:api.scaling.maxReplicas, or raise the setting `most` where the cost is wanted.",
      };
    }
    if (maxReplicas < minReplicas) {
      yield {
        field: "spec.maxReplicas",
        found: maxReplicas,
        problem: `less than minReplicas, ${minReplicas}`,
        fix: "Set it to as many at least.",
      };
    }
  },
});

/** An update that sets the number of pods throws away what the autoscaler did. */
export const autoscalerOwnsReplicas = stackPolicy({
  name: "autoscaler-owns-replicas",
  description:
    "A workload has a number of replicas or one autoscaler, never both; what an autoscaler scales is there.",
  level: "mandatory",
  *check(stack) {
    const workloads = ofKind(stack, "apps/Deployment", "apps/StatefulSet");
    yield* each(workloads, function* (resource) {
      const autoscalers = autoscalersOf(stack, resource);
      const { replicas } = specOf<apps.v1.DeploymentSpec>(resource);
      if (autoscalers.length > 0 && replicas !== undefined && replicas !== null) {
        yield {
          resource,
          field: "spec.replicas",
          found: replicas,
          problem: "every update sets the number of pods, whatever the autoscaler made of it",
          fix: "Leave it out: the autoscaler alone sets it.",
        };
      }
      if (autoscalers.length === 0 && (replicas === undefined || replicas === null)) {
        yield {
          resource,
          field: "spec.replicas",
          problem: "nothing says how many pods it has, so it has one",
          fix: "Set it, or make an autoscaler for it.",
        };
      }
      if (autoscalers.length > 1) {
        yield {
          resource,
          field: "spec.replicas",
          found: autoscalers.map(nameOf),
          problem: "several autoscalers scale it, each its own way",
          fix: "Keep one.",
        };
      }
    });
    yield* each(ofKind(stack, KIND), function* (resource) {
      const { kind, name } = specOf<Spec>(resource).scaleTargetRef ?? {};
      const there = workloads.some(
        (workload) =>
          workload.kind === `apps/${kind}` &&
          nameOf(workload) === name &&
          namespaceOf(workload) === namespaceOf(resource),
      );
      if (there) return;
      yield {
        resource,
        field: "spec.scaleTargetRef",
        found: `${kind} ${name}`,
        problem: "the stack makes no such workload in the autoscaler's namespace",
        fix: "Name the workload that it is to scale.",
      };
    });
  },
});
